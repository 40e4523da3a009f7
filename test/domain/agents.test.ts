import { describe, expect, it } from 'vitest'
import { agentKind } from '../../src/domain/agents.ts'

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const CHROME = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/120.0.0.0 Safari/537.36`
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)'
const android = (model: string, rest = 'Chrome/119.0.0.0 Mobile Safari/537.36') =>
  `Mozilla/5.0 (Linux; Android 11; ${model}) ${WEBKIT} ${rest}`

const PEOPLE = [
  CHROME,
  `${CHROME} Edg/120.0.2210.61`,
  `${CHROME} OPR/104.0.0.0`,
  `${CHROME} Vivaldi/6.4`,
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:121.0) Gecko/20100101 Firefox/121.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15',
  'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; .NET4.0C; .NET4.0E; rv:11.0) like Gecko',
  'Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)',
  'Mozilla/5.0 (compatible; MSIE 10.0; Windows Phone 8.0; Trident/6.0; IEMobile/10.0; ARM; Touch; NOKIA; Lumia 920)',
  'Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101 Goanna/6.4 Firefox/102.0 PaleMoon/32.5.0',
  'Mozilla/5.0 (PlayStation; PlayStation 5/6.50) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15',
  'Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36',
  'Mozilla/5.0 (Mobile; LYF/F90M/LYF-F90M-000-02-28-130318; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.0',
  'Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; en) Presto/2.8.119 Version/11.10',
  'BlackBerry9700/5.0.0.862 Profile/MIDP-2.1 Configuration/CLDC-1.1 VendorID/120',
  'Nokia6300/2.0 (05.50) Profile/MIDP-2.0 Configuration/CLDC-1.1',
  'Lynx/2.8.9rel.1 libwww-FM/2.14',
  `${IPHONE} Version/17.1 Mobile/15E148 Safari/604.1`,
  `${IPHONE} CriOS/120.0.6099.50 Mobile/15E148 Safari/604.1`,
  `${IPHONE} FxiOS/121.0 Mobile/15E148 Safari/605.1.15`,
  `${IPHONE} EdgiOS/119.0 Version/17.0 Mobile/15E148 Safari/604.1`,
  // The browsers inside apps, in which most links of messages are opened.
  `${IPHONE} Mobile/15E148`,
  `${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/441.0.0.27.106;FBBV/541270405;FBDV/iPhone14,5;FBLC/en_US]`,
  `${IPHONE} GSA/289.0.577113359 Mobile/15E148 Safari/604.1`,
  `${IPHONE} Mobile/15E148 LinkedInApp/9.29.3`,
  `${IPHONE} Mobile/15E148 Snapchat/12.60`,
  `${IPHONE} Mobile/15E148 MicroMessenger/8.0.42`,
  `${IPHONE} Mobile/15E148 Twitter for iPhone/10.20`,
  `${IPHONE} Mobile/15E148 Safari Line/13.18.1`,
  `${IPHONE} Mobile/15E148 KAKAOTALK 10.4.5`,
  `${IPHONE} Version/17.1 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15`,
  android(
    'SM-S918B Build/TP1A; wv',
    'Version/4.0 Chrome/119.0.6045.66 Mobile Safari/537.36 Instagram 309.1.0.41.113 Android',
  ),
  android('V2111; wv', 'Version/4.0 Chrome/110.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/441.0;]'),
  android('Pixel 7', 'Chrome/119.0 Mobile Safari/537.36 WhatsApp/2.23'),
  android('SAMSUNG SM-A546B', 'SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36'),
  android('RMX1911', 'Version/4.0 Chrome/78.0 UCBrowser/13.4 Mobile Safari/537.36'),
  android('Redmi Note 8', 'Version/4.0 Chrome/112.0 Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.4'),
  android('KFTRWI', 'Silk/119.2 like Chrome/119.0 Safari/537.36'),
  // Phones whose makers chose such names.
  android('CUBOT_X18_Plus'),
  android('CUBOT X19'),
  android('KINGKONG 5 Pro Build/CUBOT'),
  android('CUBOT NOTE 20 PRO Build/QP1A; wv'),
  android('Robot X'),
]

const MACHINES = [
  '',
  '   ',
  '-',
  'Mozilla/5.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64)',
  `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT}`,
  // Mail security and its proxies.
  'Mozilla/5.0 (compatible; Barracuda Sentinel (EE))',
  'BarracudaCentral/1.0',
  `${CHROME} Mimecast`,
  `${CHROME} Proofpoint`,
  `${CHROME} SafeLinks`,
  `${CHROME} Zscaler`,
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Forcepoint',
  'Mozilla/5.0 (compatible; Trend Micro)',
  'Symantec-Email-Security',
  'FireEye',
  'MailScanner',
  'Mozilla/4.0 (compatible; ms-office; MSOffice 16)',
  'Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.10730; Pro)',
  'Microsoft Office Existence Discovery',
  'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
  'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
  // What shows a preview of a link.
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  'Slack-ImgProxy (+https://api.slack.com/robots)',
  'WhatsApp/2.23.20.0 A',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0',
  'TelegramBot (like TwitterBot)',
  'Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com',
  'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)',
  'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)',
  'Iframely/1.3.1 (+https://iframely.com/docs/about)',
  // Crawlers, also as phones.
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  `${android('Nexus 5X Build/MMB29P')} (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`,
  `Mozilla/5.0 (Linux; Android 10; K; compatible; AcmeBot/1.0) ${WEBKIT} Chrome/100 Mobile Safari/537.36`,
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  // Browsers that nobody sits at.
  `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/120.0.0.0 Safari/537.36`,
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1',
  `${IPHONE} CriOS/120 Mobile/15E148 Chrome-Lighthouse`,
  // Libraries.
  ...['python-requests/2.31.0', 'Go-http-client/1.1', 'okhttp/4.9.3', 'axios/1.6.0', 'undici'],
  ...['node', 'curl/8.4.0', 'Wget/1.21', 'Java/1.8.0_202', 'libwww-perl/6.67', 'Ruby', 'PHP/8.1'],
  ...[
    'Apache-HttpClient/4.5.13 (Java/11)',
    'PostmanRuntime/7.36.0',
    'Google-HTTP-Java-Client/1.42',
  ],
  'Dalvik/2.1.0 (Linux; U; Android 12; SM-G991B Build/SP1A)',
  'Mail/3731.700.6 CFNetwork/1410 Darwin/22.6.0',
  'Outlook-iOS/723.4027091',
]

describe('a user agent', () => {
  it.each(PEOPLE)('is a person’s: %s', (agent) => {
    expect(agentKind(agent)).toBe('human')
  })

  it.each(MACHINES)('is a machine’s: %s', (agent) => {
    expect(agentKind(agent)).toBe('bot')
  })

  it('that is missing is a machine’s', () => {
    expect(agentKind(undefined)).toBe('bot')
    expect(agentKind(null)).toBe('bot')
  })
})
