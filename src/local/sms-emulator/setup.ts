import { type Context, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { Faults } from '../faults.ts'
import { type EmulatedAccount, numbersOf } from './account.ts'
import { rfc2822 } from './message.ts'

/** What the setup's routes need of the emulator. */
export interface SetupParts {
  readonly account: EmulatedAccount
  /** Where inbound texts are posted; null: nowhere. */
  readonly inboundUrl: () => string | null
  readonly faults: Faults
  readonly problem: (c: Context, status: number, code: number) => Response
}

/** Nothing of an account of a loopback server ever changes. */
const MADE = 0
const MADE_AT = new Date(MADE).toISOString().replace('.000Z', 'Z')
const SERVICE_SID = /^MG[0-9a-fA-F]{32}$/

/**
 * What Twilio tells of an account's numbers, of a messaging service, and of a number's line
 * (Lookup, version 2). Every messaging service of the account sends from all its numbers.
 */
export function setupRoutes({ account, inboundUrl, faults, problem }: SetupParts): Hono {
  const app = new Hono()
  app.get('/2010-04-01/Accounts/:account/IncomingPhoneNumbers.json', (c) =>
    c.json(incomingNumbers(account, c.req.query('PhoneNumber'), c.req.url, inboundUrl())),
  )
  app.get('/v1/Services/:sid', (c) => {
    const sid = c.req.param('sid')
    if (!SERVICE_SID.test(sid)) return problem(c, 404, 20404)
    return c.json({
      sid,
      account_sid: account.accountSid,
      friendly_name: 'The emulated service',
      date_created: MADE_AT,
      date_updated: MADE_AT,
      inbound_request_url: account.setup?.webhookOnNumber ? null : inboundUrl(),
      inbound_method: account.setup?.inboundMethod ?? 'POST',
      use_inbound_webhook_on_number: account.setup?.webhookOnNumber ?? false,
      us_app_to_person_registered: account.setup?.registered ?? true,
      status_callback: null,
      validity_period: 14_400,
      url: `https://messaging.twilio.com/v1/Services/${sid}`,
    })
  })
  app.get('/v1/Services/:sid/PhoneNumbers', (c) => {
    const sid = c.req.param('sid')
    if (!SERVICE_SID.test(sid)) return problem(c, 404, 20404)
    return c.json(serviceNumbers(account, sid))
  })
  app.get('/v2/PhoneNumbers/:number', (c) => {
    const fault = faults.lineOf(c.req.param('number'))
    if (fault !== null && 'status' in fault) {
      return problem(c, fault.status as ContentfulStatusCode, 20500)
    }
    const wanted = (c.req.query('Fields') ?? '').split(',').includes('line_type_intelligence')
    return c.json(lookUp(c.req.param('number'), wanted ? (fault?.type ?? 'mobile') : null))
  })
  return app
}

function numberSid(index: number): string {
  return `PN${String(index).padStart(32, '0')}`
}

function incomingNumbers(
  account: EmulatedAccount,
  wanted: string | undefined,
  url: string,
  inboundUrl: string | null,
) {
  const found = numbersOf(account).filter((number) => wanted === undefined || number === wanted)
  const { pathname, search } = new URL(url)
  return {
    incoming_phone_numbers: found.map((number, index) => ({
      sid: numberSid(index),
      account_sid: account.accountSid,
      api_version: '2010-04-01',
      friendly_name: number,
      phone_number: number,
      capabilities: { voice: false, sms: true, mms: false, fax: false },
      date_created: rfc2822(MADE),
      date_updated: rfc2822(MADE),
      sms_method: account.setup?.inboundMethod ?? 'POST',
      sms_url: inboundUrl ?? '',
      uri: `/2010-04-01/Accounts/${account.accountSid}/IncomingPhoneNumbers/${numberSid(index)}.json`,
    })),
    uri: `${pathname}${search}`,
    first_page_uri: `${pathname}?PageSize=50&Page=0`,
    next_page_uri: null,
    previous_page_uri: null,
    page: 0,
    page_size: 50,
    start: 0,
    end: Math.max(found.length - 1, 0),
  }
}

function serviceNumbers(account: EmulatedAccount, sid: string) {
  const url = `https://messaging.twilio.com/v1/Services/${sid}/PhoneNumbers`
  return {
    phone_numbers: numbersOf(account).map((number, index) => ({
      sid: numberSid(index),
      account_sid: account.accountSid,
      service_sid: sid,
      date_created: MADE_AT,
      date_updated: MADE_AT,
      phone_number: number,
      country_code: 'US',
      capabilities: ['SMS'],
      url: `${url}/${numberSid(index)}`,
    })),
    meta: {
      page: 0,
      page_size: 50,
      first_page_url: `${url}?PageSize=50&Page=0`,
      previous_page_url: null,
      next_page_url: null,
      url: `${url}?PageSize=50&Page=0`,
      key: 'phone_numbers',
    },
  }
}

function lookUp(number: string, type: string | null) {
  const parsed = parsePhoneNumberFromString(number)
  return {
    calling_country_code: parsed?.countryCallingCode ?? null,
    country_code: parsed?.country ?? null,
    phone_number: parsed?.number ?? null,
    national_format: parsed?.formatNational() ?? null,
    valid: parsed?.isPossible() ?? false,
    validation_errors: parsed === undefined ? ['NOT_A_NUMBER'] : [],
    ...(type !== null && { line_type_intelligence: { type } }),
    url: `https://lookups.twilio.com/v2/PhoneNumbers/${number}`,
  }
}
