import { checkMailbox } from '../channels/email/imap.ts'
import type { Config } from '../config.ts'
import { sampleFieldsOf } from '../domain/company/company.ts'
import { id, type LeadId, type SignalId } from '../domain/ids.ts'
import { type Instant, instant } from '../domain/time.ts'
import { accept } from '../leads/accept.ts'
import {
  carryOutTurn,
  type Due,
  type DueChoice,
  dueMessages,
  noteOutbound,
  outboundState,
  turnsUp,
} from '../leads/stops/turn-outbound.ts'
import { readSettings } from '../store/company/settings.ts'
import type { Store } from '../store/connect.ts'
import { lockLead } from '../store/leads.ts'
import { sendsEmail } from './email-servers.ts'
import { imapOf } from './mailbox.ts'

/** Why nothing may really leave yet. */
class NotFitToGoLive extends Error {
  readonly code: string
  readonly fix: string
  constructor(code: string, message: string, fix: string) {
    super(message)
    this.code = code
    this.fix = fix
  }
}

/** What decides whether messages may really leave. */
type LiveConfig = Pick<Config, 'OUTBOUND'> &
  Partial<
    Pick<
      Config,
      | 'SMTP_URL'
      | 'SMTP_SENDERS'
      | 'PUBLIC_URL'
      | 'IMAP_URL'
      | 'IMAP_MOVE_TO'
      | 'SES_TOPIC_ARNS'
      | 'POSTMARK_WEBHOOK_TOKEN'
      | 'REPLIES_BY_EMAIL'
    >
  >

/** Asks the person who starts; null: they would rather not. */
export type AskDue = (due: Due) => Promise<DueChoice | null>

export interface Turned {
  /** Leads that ended, because their time had been skipped. */
  readonly ended: number
  /** Leads whose due message was shifted or skipped. */
  readonly moved: number
}

/** Every start of a process that sends: notes where the switch stands, and goes live by the rules. */
export async function prepareOutbound(
  store: Store,
  config: LiveConfig,
  ask: AskDue | null = null,
): Promise<void> {
  if (config.OUTBOUND !== 'catch') await prepareToGoLive(store, config, ask)
  else await noteOutbound(store, 'catch', instant(Date.now()))
}

/**
 * What must hold before a real provider is wired: the company is a real one, answers by email find
 * a way in, what has come due while nothing left was decided upon, and no lead lives on a clock
 * that was moved. Such leads end: their past is fiction, and their future is not now.
 * @throws NotFitToGoLive
 */
export async function prepareToGoLive(
  store: Store,
  config: LiveConfig,
  ask: AskDue | null = null,
): Promise<Turned> {
  const to = config.OUTBOUND
  requireRealCompany(sampleFieldsOf((await readSettings(store.db)).company))
  const turnedAt = instant(Date.now())
  const { mode, decision } = await outboundState(store.db, turnedAt)
  const turning = turnsUp(mode, to)
  if (to === 'live' && sendsEmail(config)) {
    requirePublicUrl(config)
    await requireWayIn(config, turning)
  }
  const decided = decision?.to === to ? decision : null
  const due = turning ? await decideDue(store, turnedAt, decided?.due ?? null, ask) : null
  const ended = await endMovedLeads(store)
  const moved =
    due === null
      ? 0
      : await carryOutTurn({ store, now: () => instant(Date.now()) }, due, decided?.at ?? turnedAt)
  await noteOutbound(store, to, turnedAt)
  return { ended, moved }
}

/** Every email lets its reader unsubscribe by a link, which must lead here from anywhere. */
function requirePublicUrl({ PUBLIC_URL: url }: LiveConfig): void {
  if (url !== undefined) return
  throw new NotFitToGoLive(
    'no_public_url',
    'Emails would leave whose links, unsubscribe among them, lead nowhere.',
    'Set PUBLIC_URL to the address, with https, at which your proxy passes on to the public listener.',
  )
}

/**
 * Whoever is written to by email can answer, and be heard: a mailbox that works as the switch is
 * turned, or a provider's webhook; else somebody says by name that answers are read elsewhere.
 */
async function requireWayIn(config: LiveConfig, turning: boolean): Promise<void> {
  if (config.REPLIES_BY_EMAIL === 'elsewhere') return
  const imap = imapOf(config)
  const webhooks = (config.SES_TOPIC_ARNS ?? []).length > 0 || config.POSTMARK_WEBHOOK_TOKEN
  if (imap === null && !webhooks) {
    throw new NotFitToGoLive(
      'no_way_in',
      'Emails would leave, and nothing reads their answers and bounces.',
      'Set IMAP_URL, SES_TOPIC_ARNS or POSTMARK_WEBHOOK_TOKEN (docs/how-to/receive-email.md), or REPLIES_BY_EMAIL=elsewhere when people read them and report them.',
    )
  }
  if (imap === null || !turning) return
  const ready = await checkMailbox(imap)
  if (!ready.ready) throw new NotFitToGoLive(ready.code, ready.because, ready.fix)
}

function requireRealCompany(sample: readonly string[]): void {
  if (sample.length === 0) return
  throw new NotFitToGoLive(
    'not_fit_to_go_live',
    `The company is still the sample one: ${sample.join(', ')}.`,
    'Set the company under /v1/settings (or in the console), or keep OUTBOUND=catch.',
  )
}

/** What becomes of due messages; null when there are none. @throws NotFitToGoLive */
async function decideDue(
  store: Store,
  now: Instant,
  decided: DueChoice | null,
  ask: AskDue | null,
): Promise<DueChoice | null> {
  const due = await dueMessages(store.db, now)
  if (due.total === 0) return null
  const chosen = decided ?? (ask === null ? null : await ask(due))
  if (chosen !== null) return chosen
  const messages = due.total === 1 ? '1 message' : `${due.total} messages`
  throw new NotFitToGoLive(
    'due_messages_undecided',
    `${messages} would leave within a day, and nobody has said what becomes of them.`,
    'Run `rekindle outbound` to see them and to shift or skip them, or keep OUTBOUND=catch.',
  )
}

async function endMovedLeads(store: Store): Promise<number> {
  const moved = await store.db
    .selectFrom('audit_log')
    .innerJoin('leads', 'leads.id', 'audit_log.lead_id')
    .select('leads.id')
    .distinct()
    .where('audit_log.action', '=', 'fast_forward')
    .where('leads.status', 'in', ['nurturing', 'engaged', 'dead'])
    .where((on) =>
      on.or([on('leads.dead_reason', 'is', null), on('leads.dead_reason', '!=', 'spam')]),
    )
    .execute()
  for (const { id } of moved) await endMovedLead(store, id)
  return moved.length
}

async function endMovedLead(store: Store, leadId: LeadId): Promise<void> {
  await store.transaction(async (trx) => {
    const lead = await lockLead(trx, leadId)
    if (lead === null) return
    const evidence = 'its time was skipped while OUTBOUND was catch'
    await accept(trx, lead, {
      id: id<SignalId>(`going-live:${leadId}`),
      signal: { kind: 'mark_dead', payload: { details: { reason: 'spam', evidence } } },
      via: 'engine',
      receivedAt: instant(Date.now()),
    })
  })
}
