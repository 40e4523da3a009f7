import {
  type CountryCode,
  ParseError,
  parsePhoneNumberWithError,
  validatePhoneNumberLength,
} from 'libphonenumber-js/max'

/**
 * One spelling for each address and number, so that a person who said stop is found again however
 * the next list writes them. What cannot be normalised is refused with a reason and what to do;
 * neither ever repeats the address or number.
 */
export type Normalized<Code extends string> =
  | { readonly ok: true; readonly value: string }
  | {
      readonly ok: false
      readonly code: Code
      /** A sentence without the address or number. */
      readonly because: string
      readonly fix: string
    }

export type EmailProblem =
  | 'empty'
  | 'too_long'
  | 'not_one_address'
  | 'local_part'
  | 'local_part_not_ascii'
  | 'domain'

/** RFC 5321, 4.5.3.1: 64 octets before the @, 254 in all for a path to fit. */
const LONGEST_LOCAL_PART = 64
const LONGEST_EMAIL = 254
/** RFC 5322 dot-atom. Quoted local parts are legal, and no mailbox that people use has one. */
const DOT_ATOM = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const DOMAIN_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * An email address in the one spelling we keep: trimmed, the domain in ASCII (IDN as punycode), all
 * in lower case. RFC 5321 lets a server tell cases of the local part apart; no large one does, and
 * a suppression must hold for "Ada@" as for "ada@". Plus tags and dots stay: they are other
 * mailboxes for some providers.
 */
export function normalizeEmail(raw: string): Normalized<EmailProblem> {
  const trimmed = raw.trim()
  if (trimmed === '')
    return refuse('empty', 'The email address is empty.', 'Give an email address.')
  if (trimmed.length > 4 * LONGEST_EMAIL) return tooLong()
  const at = trimmed.lastIndexOf('@')
  if (at < 1 || /[\s<>,;"()]/.test(trimmed) || trimmed.indexOf('@') !== at) {
    return refuse(
      'not_one_address',
      'This is not one plain email address.',
      'Give the address alone, such as name@example.com, without a display name.',
    )
  }
  const localPart = trimmed.slice(0, at).toLowerCase()
  if (/\P{ASCII}/u.test(localPart)) {
    return refuse(
      'local_part_not_ascii',
      'The part before the @ has letters that most mail servers cannot deliver to.',
      'Ask for an address in plain ASCII letters.',
    )
  }
  if (localPart.length > LONGEST_LOCAL_PART) return tooLong()
  if (!DOT_ATOM.test(localPart)) {
    return refuse(
      'local_part',
      'The part before the @ is not a mailbox name.',
      'Look for a stray dot or sign before the @.',
    )
  }
  const domain = normalizeDomain(trimmed.slice(at + 1))
  if (domain === null) {
    return refuse(
      'domain',
      'The part after the @ is not the name of a mail domain.',
      'Write a domain such as example.com after the @.',
    )
  }
  const value = `${localPart}@${domain}`
  return value.length > LONGEST_EMAIL ? tooLong() : { ok: true, value }
}

export type PhoneProblem =
  | 'empty'
  | 'not_a_number'
  | 'too_short'
  | 'too_long'
  | 'has_extension'
  | 'not_assignable'

/**
 * A phone number in E.164 ("+12125550142"). A number without a country code is read as one of the
 * default country. Numbers of the North American plan are judged by its own shape, because the
 * library's list lags behind new area codes; whether they may be texted is canEverBeTexted()'s
 * question. All others must be valid for their country.
 */
export function normalizePhone(
  raw: string,
  defaultCountry: CountryCode = 'US',
): Normalized<PhoneProblem> {
  const trimmed = raw.trim().replace(/^tel:/i, '')
  if (trimmed === '') return refuse('empty', 'The phone number is empty.', 'Give a phone number.')
  if (trimmed.length > 64) return refusePhone('too_long')
  const plain = plainNumber(trimmed, defaultCountry)
  if (plain !== null) return { ok: true, value: plain }
  const parsed = parsePhone(trimmed, defaultCountry)
  if (typeof parsed === 'string') return refusePhone(parsed)
  if (parsed.ext !== undefined) return refusePhone('has_extension')
  const length = validatePhoneNumberLength(parsed.number)
  if (length === 'TOO_SHORT') return refusePhone('too_short')
  if (length !== undefined) return refusePhone('too_long')
  const known =
    parsed.countryCallingCode === '1' ? NORTH_AMERICAN.test(parsed.number) : parsed.isValid()
  return known ? { ok: true, value: parsed.number } : refusePhone('not_assignable')
}

/**
 * +1, area code, exchange, line. No area code or exchange begins with 0 or 1; N11 are service
 * codes; area codes N9X are kept for a longer plan, 37X and 96X for blocks of codes.
 */
const NORTH_AMERICAN = /^\+1(?!37|96)[2-9](?!11|9)\d\d(?!.11)[2-9]\d{6}$/

/**
 * Most numbers come in their plainest spelling, and lists hold millions of them: what the library
 * reads them as is known. Null for all others.
 */
function plainNumber(written: string, country: CountryCode): string | null {
  const number = country === 'US' && /^\d{10}$/.test(written) ? `+1${written}` : written
  return NORTH_AMERICAN.test(number) ? number : null
}

function parsePhone(raw: string, country: CountryCode) {
  try {
    return parsePhoneNumberWithError(raw, { defaultCountry: country, extract: false })
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    switch (error.message) {
      case 'TOO_SHORT':
        return 'too_short'
      case 'TOO_LONG':
        return 'too_long'
      default:
        return 'not_a_number'
    }
  }
}

function refusePhone(code: Exclude<PhoneProblem, 'empty'>): Normalized<PhoneProblem> {
  const [because, fix] = PHONE_PROBLEMS[code]
  return refuse(code, because, fix)
}

const PHONE_PROBLEMS: Readonly<
  Record<Exclude<PhoneProblem, 'empty'>, readonly [because: string, fix: string]>
> = {
  not_a_number: [
    'This is not a phone number.',
    'Write digits with the area code, such as (212) 555-0142, or +44 … for another country.',
  ],
  too_short: ['The phone number has too few digits.', 'Add the area code.'],
  too_long: ['The phone number has too many digits.', 'Give one number alone.'],
  has_extension: [
    'The phone number has an extension, and a text cannot reach one.',
    'Give the number without its extension, or the mobile number.',
  ],
  not_assignable: [
    'No phone can have this number: its area code or exchange does not exist.',
    'Check the digits with the lead.',
  ],
}

/** A domain of at least two labels in ASCII and lower case; null when it is none. */
function normalizeDomain(raw: string): string | null {
  // The URL parser knows IDN; what else a URL may hold never reaches it.
  if (/[%:@[\]\\/?#]/.test(raw)) return null
  const ascii = URL.canParse(`http://${raw}`) ? new URL(`http://${raw}`).hostname : ''
  const labels = ascii.split('.')
  const top = labels.at(-1) ?? ''
  const sound = labels.length >= 2 && labels.every((label) => DOMAIN_LABEL.test(label))
  return sound && !/^\d+$/.test(top) ? ascii : null
}

function tooLong(): Normalized<EmailProblem> {
  return refuse(
    'too_long',
    'The email address is too long to exist.',
    'Check for pasted text around it.',
  )
}

function refuse<Code extends string>(code: Code, because: string, fix: string): Normalized<Code> {
  return { ok: false, code, because, fix }
}

/** What stands behind the @ of an address. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1)
}
