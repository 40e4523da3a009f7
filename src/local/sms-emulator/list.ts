import { z } from 'zod'
import { DAY_MS, type Instant, instant, plus } from '../../domain/time.ts'
import type { EmulatedAccount } from './account.ts'
import { toResource } from './message.ts'
import type { MessageFilter, Messages } from './messages.ts'

const querySchema = z.object({
  To: z.string().optional(),
  From: z.string().optional(),
  DateSent: z.string().optional(),
  'DateSent>': z.string().optional(),
  'DateSent<': z.string().optional(),
  PageSize: z.coerce.number().int().min(1).max(1_000).default(50),
  Page: z.coerce.number().int().min(0).default(0),
})

/** One page of the account's messages in the form of Twilio's list; null for a bad query. */
export function listPage(
  account: EmulatedAccount,
  messages: Messages,
  url: URL,
): Record<string, unknown> | null {
  const parsed = querySchema.safeParse(Object.fromEntries(url.searchParams))
  if (!parsed.success) return null
  const { PageSize: size, Page: page } = parsed.data
  const found = messages.list(filterOf(parsed.data))
  const start = page * size
  const shown = found.slice(start, start + size)
  const pageUri = (number: number): string => {
    const next = new URL(url)
    next.searchParams.set('Page', String(number))
    next.searchParams.set('PageSize', String(size))
    return `${next.pathname}${next.search}`
  }
  return {
    messages: shown.map((message) => toResource(account.accountSid, message)),
    first_page_uri: pageUri(0),
    next_page_uri: found.length > start + size ? pageUri(page + 1) : null,
    previous_page_uri: page > 0 ? pageUri(page - 1) : null,
    uri: `${url.pathname}${url.search}`,
    page,
    page_size: size,
    start,
    end: start + Math.max(shown.length - 1, 0),
  }
}

/** A bare date in `DateSent` means that whole day in UTC; the bounds are days or instants. */
function filterOf(query: z.output<typeof querySchema>): MessageFilter {
  const day = dateOf(query.DateSent)
  const from = dateOf(query['DateSent>']) ?? day
  // Twilio's upper bound includes the instant it names.
  const until = dateOf(query['DateSent<'])
  const before = until !== null ? plus(until, 1) : day !== null ? plus(day, DAY_MS) : null
  return {
    ...(query.To !== undefined && { to: query.To }),
    ...(query.From !== undefined && { from: query.From }),
    ...(from !== null && { sentFrom: from }),
    ...(before !== null && { sentBefore: before }),
  }
}

function dateOf(text: string | undefined): Instant | null {
  const ms = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) ? null : instant(ms)
}
