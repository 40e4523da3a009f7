import type { Posted, PublicPost } from '../channels/public-https.ts'
import { postSigned } from '../channels/signed-post.ts'
import type { EmailChannel } from '../channels/types.ts'
import type { CompanySettings } from '../domain/company/company.ts'
import { HOUR_MS, type Instant, MINUTE_MS, plus, SECOND_MS } from '../domain/time.ts'
import type { Intake } from '../leads/intake.ts'
import { collectNotices, composeNotice, type NoticePlaces } from '../leads/telling/notices.ts'
import { readSettings } from '../store/company/settings.ts'
import {
  beginNotice,
  giveUpNotices,
  type NoticeRow,
  settleNotice,
  takeDueNotices,
} from '../store/work/notices.ts'
import type { Log } from '../temporal/log.ts'
import { createLoop, type Loop } from '../temporal/loop.ts'

export interface NotifyOptions {
  readonly intake: Pick<Intake, 'store' | 'now'>
  readonly email: EmailChannel
  readonly places: NoticePlaces
  /** False while nothing may leave this machine: then only mail is made, for the catcher. */
  readonly webhooks: boolean
  readonly log: Log
  readonly everyMs?: number
  /** For tests: a receiver that is not on the public internet. */
  readonly trust?: PublicPost['trust']
}

const EVERY_MS = 5 * SECOND_MS
/** With the turn's length it bounds the rate: a flood of alerts is not passed on as one. */
const AT_ONCE = 10
const DEADLINE_MS = 15 * SECOND_MS
/** A process that dies with a notice in hand gives it back after this long. */
const IN_HAND_MS = 2 * MINUTE_MS
const AGAIN_MS = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 6 * HOUR_MS]

/**
 * Tells people what they should hear of, by mail and to a chat: from rows, again and again until
 * it is taken or makes no sense any more. A mail is handed over once: when a crash, or a lost answer,
 * leaves it in doubt, it is not sent again. A chat gets the notice's id and knows what it had.
 */
export function createNotifyLoop(options: NotifyOptions): Loop {
  const { intake, log, webhooks } = options
  const everyMs = options.everyMs ?? EVERY_MS
  return createLoop({
    name: 'notices',
    log,
    restAfterFailureMs: everyMs,
    turn: async () => {
      const now = intake.now()
      const settings = await readSettings(intake.store.db)
      const due = await intake.store.transaction(async (trx) => {
        await giveUpNotices(trx, now)
        await collectNotices(trx, settings, { now, webhooks })
        return takeDueNotices(trx, { now, untilAt: plus(now, IN_HAND_MS), limit: AT_ONCE })
      })
      for (const notice of due) await tell(options, notice, settings, now)
      return everyMs
    },
  })
}

type Told =
  | { readonly kind: 'told' | 'pointless' | 'gone' }
  /** It may have been told. */
  | { readonly kind: 'in_doubt'; readonly because: string }
  | { readonly kind: 'not_yet'; readonly because: string }
  | { readonly kind: 'never'; readonly because: string }

async function tell(
  options: NotifyOptions,
  notice: NoticeRow,
  settings: CompanySettings,
  now: Instant,
): Promise<void> {
  const { store } = options.intake
  const told = await attempt(options, notice, settings, now)
  const nextMs = AGAIN_MS[notice.attempts - 1]
  await store.transaction((trx) => {
    switch (told.kind) {
      case 'told':
        return settleNotice(trx, notice.id, { state: 'sent', at: now })
      case 'in_doubt':
        return settleNotice(trx, notice.id, { state: 'uncertain', at: now, because: told.because })
      case 'gone':
        return Promise.resolve()
      case 'pointless':
        return settleNotice(trx, notice.id, { state: 'failed', at: now, because: 'it is over' })
      case 'never':
        return settleNotice(trx, notice.id, { state: 'failed', at: now, because: told.because })
      case 'not_yet':
        return nextMs === undefined
          ? settleNotice(trx, notice.id, { state: 'failed', at: now, because: told.because })
          : settleNotice(trx, notice.id, {
              state: 'due',
              dueAt: plus(now, nextMs),
              because: told.because,
            })
    }
  })
}

async function attempt(
  { intake, email, places, trust }: NotifyOptions,
  notice: NoticeRow,
  settings: CompanySettings,
  now: Instant,
): Promise<Told> {
  const words = await intake.store.transaction((trx) =>
    composeNotice(trx, notice, settings, places, now),
  )
  if (words === null) return { kind: 'pointless' }
  if (words.way === 'webhook') {
    const { webhook } = settings.notifications
    if (webhook === null) return { kind: 'pointless' }
    const post = { ...webhook, body: words.body, now, deadlineMs: DEADLINE_MS, trust }
    return ofPost(await postSigned(post))
  }
  const ready = await email.ready()
  if (!ready.ready) return { kind: 'not_yet', because: ready.because }
  const mine = await intake.store.transaction((trx) => beginNotice(trx, notice.id))
  // Another process took it, because this one stood still.
  if (!mine) return { kind: 'gone' }
  const outcome = await email.send(words.email, { deadlineMs: DEADLINE_MS })
  switch (outcome.kind) {
    case 'accepted':
      return { kind: 'told' }
    case 'ambiguous':
      return { kind: 'in_doubt', because: outcome.because }
    case 'permanent':
      return { kind: 'never', because: outcome.because }
    case 'transient':
    case 'sender_fault':
      return { kind: 'not_yet', because: outcome.because }
  }
}

function ofPost(posted: Posted): Told {
  switch (posted.kind) {
    case 'taken':
      return { kind: 'told' }
    case 'unreachable':
      return { kind: 'not_yet', because: posted.because }
    case 'refused':
      return { kind: 'not_yet', because: `the receiver answered ${posted.status}` }
  }
}
