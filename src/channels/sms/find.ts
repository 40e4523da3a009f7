import type twilio from 'twilio'
import { instant } from '../../domain/time.ts'
import type { SmsEvidence, SmsSearch } from '../types.ts'

/** Twilio's clock and ours may differ, and its dates have no milliseconds. */
const CLOCK_SLACK_MS = 5_000
const PAGE_SIZE = 50
/** More texts than this to one number since the attempt would be a fault of its own. */
const MAX_PAGES = 10
const TRIAL_PREFIX = 'Sent from your Twilio trial account - '

type FirstPage = Awaited<ReturnType<twilio.Twilio['messages']['page']>>
/** The SDK types a first page a little wider than the ones that follow it. */
type Page = {
  readonly instances: FirstPage['instances']
  nextPage(): Promise<Page> | undefined
}

/**
 * Looks through the texts to one number, newest first, for the one with this body that was
 * created no earlier than the attempt. The list's own date filter goes by the sending date, which
 * a queued message lacks, so `date_created` is compared here. Of several, the earliest is the
 * attempt's.
 */
export async function findMessage(
  client: twilio.Twilio,
  from: string | null,
  search: SmsSearch,
): Promise<SmsEvidence> {
  const earliest = search.sentAfter - CLOCK_SLACK_MS
  let best: Extract<SmsEvidence, { kind: 'found' }> | null = null
  let page: Page = await client.messages.page({
    to: search.to,
    ...(from && { from }),
    pageSize: PAGE_SIZE,
  })
  for (let seen = 1; ; seen += 1) {
    for (const message of page.instances) {
      const createdAt = message.dateCreated.getTime()
      if (createdAt < earliest) return best ?? { kind: 'not_found' }
      if (!message.direction.startsWith('outbound') || search.except?.includes(message.sid))
        continue
      if (sameText(message.body, search.body)) {
        best = {
          kind: 'found',
          providerId: message.sid,
          status: message.status,
          acceptedAt: instant(createdAt),
          errorCode: message.errorCode ?? null,
        }
      }
    }
    const next = seen < MAX_PAGES ? await page.nextPage() : undefined
    if (!next) return best ?? { kind: 'not_found' }
    page = next
  }
}

/**
 * Equal but for what Twilio does on the way: a trial account puts a sentence in front, and smart
 * encoding turns typographic characters into plain ones.
 */
function sameText(listed: string, sent: string): boolean {
  const wanted = plain(sent)
  return [wanted, `${TRIAL_PREFIX}${wanted}`].includes(plain(listed))
}

function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u2018\u2019\u201A\u2032]/g, "'")
    .replace(/[\u201C\u201D\u201E\u2033]/g, '"')
    .replace(/[\u2010-\u2015]/g, '-')
    .replace(/\s+/g, ' ')
    .trim()
}
