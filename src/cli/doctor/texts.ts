import type { SmsConfig } from '../../channels/sms/twilio.ts'
import {
  type InboundPlace,
  type SenderSetup,
  senderSetups,
  setupTrouble,
  tryAuthToken,
} from '../../channels/sms/twilio-setup.ts'
import type { Config } from '../../config.ts'
import { realSmsConfig } from '../../wiring/channels.ts'
import { type Check, checks } from './check.ts'

const { ok, info, warning, missing } = checks('Twilio')

/** Whether Twilio knows our account and senders, and where it takes what people text to them. */
export async function checkTwilio(config: Config): Promise<Check[]> {
  const sms = realSmsConfig(config, config.PUBLIC_URL ?? '')
  if (sms === null) return [notSet(config)]
  const inbound =
    config.PUBLIC_URL === undefined ? null : `${config.PUBLIC_URL}/hooks/twilio/inbound`
  try {
    const setups = await senderSetups(sms)
    return [
      ...setups.map((setup) => checkSender(setup, inbound)),
      ...(sms.apiKey === undefined ? [] : await checkToken(sms)),
    ]
  } catch (error) {
    return [troubleOf(error, sms)]
  }
}

/** Half a set-up is a slip; none is a decision. */
function notSet(config: Config): Check {
  const { TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: token } = config
  if (sid === undefined && token === undefined) {
    return info('No Twilio account is set: steps by text are skipped.')
  }
  return missing(
    'The Twilio account is set by half, so no texts are sent.',
    'Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, and TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM.',
  )
}

function checkSender(setup: SenderSetup, inbound: string | null): Check {
  const { sender, known, sendsTexts, registered } = setup
  if (!known) {
    return missing(
      `${sender} is no number of this account.`,
      'Set TWILIO_FROM to one that is, or buy it.',
    )
  }
  if (!sendsTexts) {
    return missing(
      `${sender} cannot send texts.`,
      sender.startsWith('MG')
        ? 'Add a number that can to its sender pool.'
        : 'Choose a number with the SMS capability.',
    )
  }
  if (inbound === null) {
    return ok(`${sender} sends; answers are polled, because PUBLIC_URL is not set.`)
  }
  const wrong = setup.inbound.find(({ url, method }) => url !== inbound || method !== 'POST')
  if (wrong !== undefined) {
    // What is posted elsewhere is not polled: a STOP would be lost here.
    return missing(
      `${sender} sends, and answers are lost: Twilio takes them ${placeOf(wrong)}.`,
      `Set ${inbound} for incoming messages, with HTTP POST, in Twilio's console.`,
    )
  }
  if (registered === false) {
    return warning(
      `${sender} sends, and answers come; it is not registered for US application traffic (A2P 10DLC).`,
      'Register its campaign, or US carriers refuse its texts (30034). Verified toll-free numbers need none.',
    )
  }
  return ok(`${sender} sends, and answers come to ${inbound}.`)
}

function placeOf({ url, method }: InboundPlace): string {
  return url === null || url === '' ? 'nowhere' : `to ${withoutQuery(url)}, by ${method}`
}

/** A query may hold somebody's secret. */
function withoutQuery(url: string): string {
  return URL.canParse(url) ? `${new URL(url).origin}${new URL(url).pathname}` : 'another place'
}

/** Texts are sent with the API key; webhooks are signed with the token. */
async function checkToken(sms: SmsConfig): Promise<Check[]> {
  try {
    await tryAuthToken(sms)
    return []
  } catch (error) {
    if (setupTrouble(error).kind !== 'credentials') return []
    return [
      missing(
        'TWILIO_AUTH_TOKEN is not the token of this account, so every webhook would be refused.',
        'Copy the auth token from Twilio’s console; the API key does not stand in for it.',
      ),
    ]
  }
}

function troubleOf(error: unknown, { sender, apiKey }: SmsConfig): Check {
  const { kind, because } = setupTrouble(error)
  switch (kind) {
    case 'credentials':
      return missing(
        because,
        apiKey === undefined
          ? 'Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN against Twilio’s console.'
          : 'Check TWILIO_ACCOUNT_SID, TWILIO_API_KEY_SID and TWILIO_API_KEY against Twilio’s console.',
      )
    case 'sender_unknown':
      return missing(
        sender.kind === 'messaging_service'
          ? `The account has no messaging service ${sender.sid}.`
          : because,
        'Check TWILIO_MESSAGING_SERVICE_SID, and that it is of this account.',
      )
    case 'unreachable':
      return missing(because, 'Check this machine’s way to the internet (and TWILIO_API_URL).')
    case 'other':
      return missing(because, 'Ask again in a minute; if it stays, see status.twilio.com.')
  }
}
