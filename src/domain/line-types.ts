import { type NumberType, parsePhoneNumberFromString } from 'libphonenumber-js/max'

/** What kind of line a number is, as far as anybody can say. */
export const LINE_TYPES = [
  'mobile',
  'landline',
  /** Its digits do not tell: so it is with nearly all numbers of +1. */
  'mobile_or_landline',
  'voip',
  'toll_free',
  'premium',
  'personal',
  'pager',
  /** A number of a service: a voicemail box, a number that many share. */
  'service',
  'unknown',
] as const
export type LineType = (typeof LINE_TYPES)[number]

/** What the digits of a number (E.164) say of its line; never throws. */
export function lineTypeOf(e164: string): LineType {
  const parsed = parsePhoneNumberFromString(e164)
  const type = parsed?.getType()
  // The library's list lags behind new area codes, whose numbers tell no more than the others.
  if (type === undefined)
    return parsed?.countryCallingCode === '1' ? 'mobile_or_landline' : 'unknown'
  return BY_DIGITS[type]
}

const BY_DIGITS: Readonly<Record<Exclude<NumberType, undefined>, LineType>> = {
  MOBILE: 'mobile',
  FIXED_LINE: 'landline',
  FIXED_LINE_OR_MOBILE: 'mobile_or_landline',
  VOIP: 'voip',
  TOLL_FREE: 'toll_free',
  PREMIUM_RATE: 'premium',
  PERSONAL_NUMBER: 'personal',
  PAGER: 'pager',
  SHARED_COST: 'service',
  UAN: 'service',
  VOICEMAIL: 'service',
}

/**
 * Whether a line of this type takes texts; one of which nobody is sure is tried. VoIP lines do in
 * part, and a provider's answer (30006) tells which do not.
 */
export function takesTexts(type: LineType): boolean {
  switch (type) {
    case 'landline':
    case 'toll_free':
    case 'premium':
    case 'pager':
    case 'service':
      return false
    case 'mobile':
    case 'mobile_or_landline':
    case 'voip':
    case 'personal':
    case 'unknown':
      return true
  }
}

/** A type as a sentence has it: "a landline". */
export const LINE_WORDS: Readonly<Record<LineType, string>> = {
  mobile: 'a mobile number',
  landline: 'a landline',
  mobile_or_landline: 'a mobile number or a landline',
  voip: 'a line over the internet (VoIP)',
  toll_free: 'a toll-free number',
  premium: 'a premium-rate number',
  personal: 'a personal number',
  pager: 'a pager',
  service: 'a number of a service',
  unknown: 'a number of a kind that nobody knows',
}

/** What Twilio's Lookup calls types (line_type_intelligence). */
export function lineTypeOfLookup(type: string | null | undefined): LineType {
  return LOOKUP_TYPES.get(type ?? '') ?? 'unknown'
}

const LOOKUP_TYPES: ReadonlyMap<string, LineType> = new Map([
  ['mobile', 'mobile'],
  ['landline', 'landline'],
  ['fixedVoip', 'voip'],
  ['nonFixedVoip', 'voip'],
  ['personal', 'personal'],
  ['tollFree', 'toll_free'],
  ['premium', 'premium'],
  ['sharedCost', 'service'],
  ['uan', 'service'],
  ['voicemail', 'service'],
  ['pager', 'pager'],
])
