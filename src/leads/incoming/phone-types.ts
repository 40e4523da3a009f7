import type { PhoneLookup } from '../../channels/sms/phone-lookup.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import type { LeadId } from '../../domain/ids.ts'
import { LINE_WORDS, type LineType, lineTypeOf, takesTexts } from '../../domain/line-types.ts'
import { type Instant, MINUTE_MS, plus, SECOND_MS } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { type LeadRow, lockLead } from '../../store/leads.ts'
import {
  type DueLookup,
  leadsToTell,
  lookupOf,
  type PhoneLookupRow,
  settleLookup,
  takeDueLookups,
  wantLookups,
} from '../../store/people/phone-lookups.ts'
import { staleNow } from '../../store/stale.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { type Intake, ringOf } from '../intake.ts'

/** What is known of the line behind a number, and how. */
export interface PhoneLine {
  readonly type: LineType
  readonly takesTexts: boolean
  /** By its digits alone, or by the provider's word. */
  readonly by: 'digits' | 'lookup'
  /** A sentence without the number. */
  readonly words: string
}

/** What may be said of a number's line: the provider's word where there is one. */
export function lineOf(
  number: string,
  lookup: Pick<PhoneLookupRow, 'state' | 'line_type'> | null,
): PhoneLine {
  const looked = lookup?.state === 'known' ? lookup.line_type : null
  const type = looked ?? lineTypeOf(number)
  return {
    type,
    takesTexts: takesTexts(type),
    by: looked === null ? 'digits' : 'lookup',
    words: `${wordsOf(type, looked !== null)}${askedWords(lookup)}`,
  }
}

function wordsOf(type: LineType, looked: boolean): string {
  if (looked) return `It is ${LINE_WORDS[type]}, by its provider’s word.`
  if (type === 'mobile_or_landline') {
    return 'It is a mobile number or a landline: the digits of +1 numbers do not tell which.'
  }
  return `By its digits it is ${LINE_WORDS[type]}.`
}

function askedWords(lookup: Pick<PhoneLookupRow, 'state' | 'line_type'> | null): string {
  if (lookup?.state === 'due') return ' Twilio is being asked.'
  return lookup?.state === 'unknown' ? ' Twilio was asked, and could not say.' : ''
}

/**
 * Asks for the line of a lead's number as it is captured, where the company wants to know; whoever
 * is loaded as dead is not written to. The answer comes after the acceptance and never hinders it.
 */
export async function wantLineType(
  trx: Executor,
  { status }: Pick<LeadRow, 'status'>,
  phoneHash: string | null,
  {
    rules,
    receivedAt,
  }: { readonly rules: Pick<EngineRules, 'lookUpPhones'>; readonly receivedAt: Instant },
): Promise<void> {
  if (!rules.lookUpPhones || phoneHash === null || status === 'dead') return
  await wantLookups(trx, [phoneHash], receivedAt)
}

/** How long a text waits for the answer, so that a landline is not texted a second too early. */
const WORTH_WAITING_MS = 30 * SECOND_MS

/** Whether a text to this number should wait a moment, because its line is being looked up. */
export async function isBeingLookedUp(
  executor: Executor,
  hash: string,
  wall: Instant,
): Promise<boolean> {
  const lookup = await lookupOf(executor, hash)
  return lookup?.state === 'due' && wall - lookup.requested_at < WORTH_WAITING_MS
}

const IN_HAND_MS = 2 * MINUTE_MS
const AT_ONCE = 10
const AGAIN_MS = [5 * SECOND_MS, MINUTE_MS]

/**
 * Asks what is due, and wakes the leads whose texts a landline would get: their plan is made anew.
 * Answers how many were asked.
 */
export async function lookUpDue(
  intake: Intake,
  lookup: PhoneLookup,
  mayAsk: (number: string) => boolean,
): Promise<number> {
  const now = intake.now()
  const due = await intake.store.transaction((trx) =>
    takeDueLookups(trx, { now, untilAt: plus(now, IN_HAND_MS), limit: AT_ONCE }),
  )
  for (const one of due) await lookUp(intake, lookup, one, mayAsk)
  return due.length
}

async function lookUp(
  intake: Intake,
  lookup: PhoneLookup,
  { hash, number, attempts }: DueLookup,
  mayAsk: (number: string) => boolean,
): Promise<void> {
  const { store } = intake
  const settle = (answer: Parameters<typeof settleLookup>[2]) =>
    store.transaction((trx) => settleLookup(trx, hash, answer))
  if (number === null || !mayAsk(number)) {
    const because = number === null ? 'nobody has the number any more' : 'it may not be asked about'
    return settle({ state: 'unknown', because, at: intake.now() })
  }
  const found = await lookup.lineTypeOf(number)
  const at = intake.now()
  if (found.kind === 'known') {
    const answer = { state: 'known', type: found.type, at } as const
    const rings = await store.transaction(async (trx) => {
      // Leads first, as whoever takes a lead in does.
      const stale = takesTexts(found.type) ? [] : await leadsToTell(trx, hash)
      const made = await makeStale(trx, stale)
      await settleLookup(trx, hash, answer)
      return made
    })
    return intake.doorbell.ring(rings)
  }
  const nextMs = found.again ? AGAIN_MS[attempts - 1] : undefined
  return settle(
    nextMs === undefined
      ? { state: 'unknown', because: found.because, at }
      : { state: 'due', because: found.because, dueAt: plus(at, nextMs) },
  )
}

async function makeStale(trx: Executor, leadIds: readonly LeadId[]): Promise<readonly Ring[]> {
  const rings: Ring[] = []
  for (const leadId of leadIds) {
    const lead = await lockLead(trx, leadId)
    if (lead === null) continue
    await staleNow(trx, lead, 'its number takes no texts')
    rings.push(ringOf(lead, 'phone_looked_up'))
  }
  return rings
}
