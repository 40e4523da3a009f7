import { SegmentedMessage } from 'sms-segments-calculator'

/** What a text weighs on the wire, and so what it costs: carriers count and bill segments. */
export interface TextSize {
  /** One character outside GSM-7 makes the whole text UCS-2, which holds fewer than half. */
  readonly encoding: 'GSM-7' | 'UCS-2'
  readonly segments: number
  readonly characters: number
  /** The characters that no GSM-7 text can hold, once each. */
  readonly outsideGsm7: readonly string[]
}

/** What the company pays for a segment, by the beginning of the number. */
export interface TextPrices {
  /** ISO 4217. */
  readonly currency: string
  /** Decimal text by dialling prefix, such as {"+1": "0.0083"}; the longest that fits counts. */
  readonly perSegment: Readonly<Record<string, string>>
}

/** How many segments a text takes, and in which encoding: GSM-7 160 (153), UCS-2 70 (67). */
export function textSize(text: string): TextSize {
  const message = new SegmentedMessage(text)
  return {
    encoding: message.getEncodingName() === 'GSM-7' ? 'GSM-7' : 'UCS-2',
    segments: text === '' ? 0 : message.segmentsCount,
    characters: [...text].length,
    outsideGsm7: [...new Set(message.getNonGsmCharacters())],
  }
}

const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019\u201A\u201B\u2032\u02BC]/g, "'"],
  [/[\u201C\u201D\u201E\u201F\u2033\u00AB\u00BB]/g, '"'],
  [/[\u2010-\u2015\u2212]/g, '-'],
  [/\u2026/g, '...'],
  [/[\u00A0\u2000-\u200A\u202F\u205F\u3000]/g, ' '],
  [/[\u200B\u2060\uFEFF]/g, ''],
]

/**
 * The text with typographic quotes, dashes, dots and spaces written plainly: word processors put
 * them in, nobody sees the difference on a phone, and each would more than double the price.
 * Letters and emoji stay as they are.
 */
export function plainTypography(text: string): string {
  return PLAIN.reduce((plain, [typographic, sign]) => plain.replace(typographic, sign), text)
}

/** What a text to this number costs, as decimal text; null where no price is set. */
export function textCost(
  prices: TextPrices,
  to: string,
  segments: number,
): { readonly amount: string; readonly currency: string } | null {
  const prefix = Object.keys(prices.perSegment)
    .filter((each) => to.startsWith(each))
    .sort((a, b) => b.length - a.length)[0]
  const price = prefix === undefined ? undefined : prices.perSegment[prefix]
  if (price === undefined) return null
  return { amount: times(price, segments), currency: prices.currency }
}

/** Size and cost in words: "2 segments, UCS-2, 0.0166 USD". */
export function textSizeWords(
  { segments, encoding, outsideGsm7 }: TextSize,
  cost: { readonly amount: string; readonly currency: string } | null = null,
): string {
  const count = `${segments} ${segments === 1 ? 'segment' : 'segments'}, ${encoding}`
  const because = encoding === 'UCS-2' ? ` because of ${outsideGsm7.slice(0, 3).join(' ')}` : ''
  return `${count}${because}${cost === null ? '' : `, ${cost.amount} ${cost.currency}`}`
}

/** Decimal text times a whole number, exactly. */
function times(decimal: string, count: number): string {
  const [whole = '0', fraction = ''] = decimal.split('.')
  const scaled = (BigInt(whole + fraction) * BigInt(count)).toString()
  if (fraction === '') return scaled
  const padded = scaled.padStart(fraction.length + 1, '0')
  return `${padded.slice(0, -fraction.length)}.${padded.slice(-fraction.length)}`
}
