import twilio from 'twilio'
import type { SmsConfig } from './twilio.ts'
import { type HttpOptions, TwilioHttp } from './twilio-http.ts'

/** Twilio's SDK for one call, and the way to the network that can tell what became of it. */
export interface TwilioCall {
  readonly http: TwilioHttp
  readonly client: twilio.Twilio
}

/** Who calls: the API key where there is one, else the account itself. */
function callerOf({ apiKey, accountSid, authToken }: SmsConfig) {
  return apiKey ?? { sid: accountSid, secret: authToken }
}

/** Opens one call. No request is repeated, and nothing of it is logged. */
export function twilioCall(
  config: SmsConfig,
  options: Omit<HttpOptions, 'baseUrl'>,
  caller: { readonly sid: string; readonly secret: string } = callerOf(config),
): TwilioCall {
  const http = new TwilioHttp({
    ...options,
    ...(config.baseUrl && { baseUrl: config.baseUrl }),
  })
  const client = twilio(caller.sid, caller.secret, {
    accountSid: config.accountSid,
    httpClient: http,
    autoRetry: false,
    // The SDK would otherwise print requests when the environment asks it to.
    logLevel: 'silent',
  })
  return { http, client }
}
