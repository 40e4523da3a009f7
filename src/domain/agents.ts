import { isbot } from 'isbot'

/** Who a user agent speaks for: a person's browser, or a program of its own. */
export type AgentKind = 'human' | 'bot'

/**
 * What a user agent says it is. An unknown program counts as a bot: a click that is not counted
 * costs little, and one that a scanner made would bring back a lead that nobody asked for. A
 * scanner that calls itself a browser is told apart by how it acts (clicks.ts).
 */
export function agentKind(userAgent: string | null | undefined): AgentKind {
  const agent = userAgent?.trim() ?? ''
  if (agent === '') return 'bot'
  if (SCANNERS.test(agent) || !hasShapeOfABrowser(agent)) return 'bot'
  return isbot(withoutModel(agent)) ? 'bot' : 'human'
}

/** Mail security, proxies and prefetchers that look like a browser but for their name. */
const SCANNERS = new RegExp(
  [
    ...['barracuda', 'mimecast', 'proofpoint', 'safe ?links', 'zscaler', 'forcepoint', 'ironport'],
    ...['cloudmark', 'trend ?micro', 'symantec', 'fireeye', 'sophos', 'hornetsecurity', 'avanan'],
    ...['messagelabs', 'vade ?secure', 'fortiguard', 'sonicwall', 'trustwave', 'mailscanner'],
    ...['spamexperts', 'spamhaus', 'virustotal', 'urlscan', 'webroot', 'trellix', 'eset_'],
    ...['image ?proxy', 'mailproxy', 'prefetch', 'prerender', 'link-?preview', 'linkexpand'],
    ...['existence discovery', '^mozilla/4\\.0 \\(compatible; ms-office', '^microsoft office'],
    ...['headless', 'playwright', 'puppeteer', 'selenium', 'webdriver', 'phantomjs', 'cypress'],
  ].join('|'),
  'i',
)

/** A mailbox provider's proxy, which loads the pictures of a message when it is opened. */
export function isImageProxy(userAgent: string | undefined): boolean {
  return /GoogleImageProxy|YahooMailProxy/.test(userAgent ?? '')
}

/** Browsers that do not call themselves Mozilla: Opera's old line, text browsers, old phones. */
const OTHER_BROWSERS =
  /^(Opera|Lynx|w3m|E?Links|Dillo|NetSurf|UCWEB|DoCoMo|KDDI|BlackBerry|Nokia|SonyEricsson|SAMSUNG|LG[E-]|MOT-|ZTE|HUAWEI)/i
/** "Mozilla/5.0 (compatible; …)" alone is how programs introduce themselves. */
const ENGINE =
  /AppleWebKit\/\S+ .*(Safari|Chrome|CriOS|Mobile|Version|Edg|Konqueror|Silk)|Gecko\/\d|rv:[\d.]+\) like Gecko|MSIE \d|Trident\/|Presto\/|Goanna\/|KHTML\/\d/

function hasShapeOfABrowser(agent: string): boolean {
  if (OTHER_BROWSERS.test(agent)) return true
  return /^Mozilla\/\d\.\d+ \(/.test(agent) && ENGINE.test(agent)
}

/**
 * A phone's model is whatever its maker calls it, CUBOT too. Bots that pose as a phone give their
 * name, or an address, after it.
 */
function withoutModel(agent: string): string {
  return agent.replace(/\(Linux;[^()]*Android[^()]*\)/, (device) =>
    /compatible|https?:|\+/i.test(device) ? device : '(Linux; Android)',
  )
}
