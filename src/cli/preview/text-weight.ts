import type { PreviewEvent } from '../../domain/preview/types.ts'
import {
  type TextPrices,
  type TextSize,
  textCost,
  textSize,
  textSizeWords,
} from '../../domain/texts.ts'

/** Whom previewed texts go to, and what they cost. */
export interface TextBill {
  /** In E.164; null where the lead has no number. */
  readonly to: string | null
  readonly prices: TextPrices
}

export interface TextWeight extends TextSize {
  /** null where no price is set for the number. */
  readonly cost: { readonly amount: string; readonly currency: string } | null
}

/** What a previewed text weighs and costs; null for what is no text. */
export function weightOf(event: PreviewEvent, { to, prices }: TextBill): TextWeight | null {
  if (event.kind !== 'touch' || event.channel !== 'sms' || !event.message.ok) return null
  const size = textSize(event.message.text)
  return { ...size, cost: to === null ? null : textCost(prices, to, size.segments) }
}

/** "1 segment, GSM-7, 0.0083 USD", or nothing for what is no text. */
export function weightWords(event: PreviewEvent, bill: TextBill): string {
  const weight = weightOf(event, bill)
  return weight === null ? '' : textSizeWords(weight, weight.cost)
}

/** "2 texts, 3 segments, 0.0249 USD."; null where there is no text. */
export function billWords(events: readonly PreviewEvent[], bill: TextBill): string | null {
  const weights = events.flatMap((event) => weightOf(event, bill) ?? [])
  if (weights.length === 0) return null
  const segments = weights.reduce((sum, weight) => sum + weight.segments, 0)
  const cost = bill.to === null ? null : textCost(bill.prices, bill.to, segments)
  const texts = weights.length === 1 ? '1 text' : `${weights.length} texts`
  const parts = segments === 1 ? '1 segment' : `${segments} segments`
  return `${texts}, ${parts}${cost === null ? '' : `, ${cost.amount} ${cost.currency}`}.`
}
