import type { ReceivedSms, SmsInbox } from '../channels/sms/twilio-inbox.ts'
import type { SmsChannel } from '../channels/types.ts'
import type { TouchId } from '../domain/ids.ts'
import { HOUR_MS, type Instant, instant, MINUTE_MS, plus, SECOND_MS } from '../domain/time.ts'
import type { Intake } from '../leads/intake.ts'
import { receiptOf, takeStatus, takeText } from '../leads/replies/inbound-texts.ts'
import { amendReceipt } from '../store/channels/receipts.ts'
import { keepTextCursor, takeTextCursor } from '../store/channels/text-cursor.ts'
import type { Store } from '../store/connect.ts'
import { newId } from '../store/new-id.ts'
import type { Log } from '../temporal/log.ts'
import { createLoop, type Loop } from '../temporal/loop.ts'

export interface TextInboxOptions {
  readonly intake: Intake
  readonly ledgerKey: Buffer
  readonly inbox: SmsInbox
  /** Answers the keywords of numbers that belong to no lead. */
  readonly sms: SmsChannel
  readonly log: Log
  readonly everyMs?: number
}

const EVERY_MS = 15 * SECOND_MS
const REST_AFTER_FAILURE_MS = MINUTE_MS
/** Texts appear in the list with a delay, and its dates have no milliseconds. */
const OVERLAP_MS = 10 * MINUTE_MS
/** Where nobody ever fetched: what came before is for a person. */
const FIRST_LOOK_BACK_MS = HOUR_MS
const HOLD_MS = 2 * MINUTE_MS
/** A text is asked about less and less often, and not at all after Twilio's own queue time. */
const STATUS_FOR_MS = 12 * HOUR_MS
const STATUS_AT_ONCE = 50
const ANSWER_DEADLINE_MS = 20 * SECOND_MS

/**
 * Where Twilio cannot call us, it is asked: for texts that came in, each taken once by its id, and
 * for what became of ours. One process does so at a time.
 */
export function createTextInboxLoop(options: TextInboxOptions): Loop {
  const { intake, log, inbox } = options
  const everyMs = options.everyMs ?? EVERY_MS
  let turns = 0
  return createLoop({
    name: 'text inbox',
    log,
    restAfterFailureMs: options.everyMs ?? REST_AFTER_FAILURE_MS,
    turn: async () => {
      const now = intake.now()
      const first = plus(now, -FIRST_LOOK_BACK_MS)
      const held = { now, heldUntil: plus(now, HOLD_MS), first }
      const cursor = await intake.store.transaction((trx) => takeTextCursor(trx, held))
      if (cursor === null) return everyMs
      const received = await inbox.received(plus(cursor.at, -OVERLAP_MS))
      const known = new Set(cursor.seen)
      for (const text of received) {
        if (!known.has(text.providerId)) await take(options, text)
      }
      for (const touch of await openTexts(intake.store, now, turns)) {
        const status = touch.provider_id === null ? null : await inbox.statusOf(touch.provider_id)
        const by = { named: touch.id, evidence: 'asked the provider' }
        if (status !== null)
          await takeStatus({ ...intake, ledgerKey: options.ledgerKey }, status, by)
      }
      turns += 1
      const seen = received.map(({ providerId }) => providerId)
      await intake.store.transaction((trx) =>
        keepTextCursor(trx, { at: now, seen, heldUntil: instant(0) }, now),
      )
      return everyMs
    },
  })
}

/**
 * Takes one text. The answer that a keyword is owed goes, to a number of no lead, from here: after
 * its text was taken, at most once, and not when it is too late.
 */
async function take({ intake, sms }: TextInboxOptions, text: ReceivedSms): Promise<void> {
  const { owed } = await takeText(intake, text)
  if (owed === null) return
  const validForMs = owed.notAfter - intake.now()
  const outcome =
    validForMs < SECOND_MS
      ? null
      : await sms.send(
          { touch: newId<TouchId>('touch'), to: text.from, body: owed.text, validForMs },
          { deadlineMs: ANSWER_DEADLINE_MS },
        )
  await intake.store.transaction((trx) =>
    amendReceipt(trx, receiptOf(text), `answer: ${outcome?.kind ?? 'too late'}`),
  )
}

/** Our texts of which the end is not known: fresh ones each time, older ones now and then. */
async function openTexts(store: Store, now: Instant, turn: number) {
  const ageMs = turn % 60 === 0 ? STATUS_FOR_MS : turn % 8 === 0 ? 2 * HOUR_MS : 10 * MINUTE_MS
  return store.db
    .selectFrom('touches')
    .select(['id', 'provider_id'])
    .where('channel', '=', 'sms')
    .where('state', '=', 'sent')
    .where('provider_id', 'is not', null)
    .where('dispatched_wall_at', '>', plus(now, -ageMs))
    .orderBy('dispatched_wall_at')
    .limit(STATUS_AT_ONCE)
    .execute()
}
