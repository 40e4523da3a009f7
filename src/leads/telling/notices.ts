import { tokenAddress } from '../../channels/email/addresses.ts'
import { messageIdOf } from '../../channels/email/message-id.ts'
import type { OutgoingEmail } from '../../channels/types.ts'
import type { CompanySettings } from '../../domain/company/company.ts'
import { normalizeEmail } from '../../domain/contact.ts'
import type { TouchId } from '../../domain/ids.ts'
import { DAY_MS, type Instant, instant, MINUTE_MS, plus } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { findLead, type LeadRow } from '../../store/leads.ts'
import {
  addNotices,
  lastMailNotice,
  type NewNotice,
  type NoticeRow,
} from '../../store/work/notices.ts'
import { mintToken } from '../web/tokens.ts'

/** Where notices lead back to. */
export interface NoticePlaces {
  /** The domain whose mail comes back to us; null: an owner cannot answer by mail. */
  readonly inboundDomain: string | null
  /** Where people reach the console; null: notices name the lead by its id alone. */
  readonly consoleUrl: string | null
}

/** A notice as it leaves; null when there is nothing to be said any more. */
export type Notice =
  | { readonly way: 'mail'; readonly email: OutgoingEmail }
  | { readonly way: 'webhook'; readonly body: Readonly<Record<string, string | null>> }

/** Older news than this is read in the console. */
const NEWS_MS = DAY_MS
const MOST_NEWS = 200

/** Writes down what people should be told of, once for each way, from the rows of the last day. */
export async function collectNotices(
  trx: Executor,
  { notifications }: Pick<CompanySettings, 'notifications'>,
  { now, webhooks }: { readonly now: Instant; readonly webhooks: boolean },
): Promise<void> {
  const since = plus(now, -NEWS_MS)
  const ways: NoticeRow['way'][] = [
    ...(notifications.email === null ? [] : (['email'] as const)),
    ...(notifications.webhook === null || !webhooks ? [] : (['webhook'] as const)),
  ]
  const news: NewNotice[] = notifications.forwardReplies ? await replies(trx, since) : []
  if (ways.length > 0) {
    const things = [
      ...(await tasks(trx, since)),
      ...(await alerts(trx, since)),
      ...(await waitingMail(trx, now, since)),
    ]
    for (const way of ways) news.push(...things.map((thing) => ({ ...thing, way })))
  }
  await addNotices(trx, news, now)
}

async function replies(trx: Executor, since: Instant): Promise<NewNotice[]> {
  const rows = await trx
    .selectFrom('signals')
    .innerJoin('leads', 'leads.id', 'signals.lead_id')
    .select(['signals.id', 'leads.id as leadId', 'leads.owner'])
    .where('signals.kind', '=', 'reply')
    .where('received_at', '>', since)
    .where('leads.owner', 'is not', null)
    .where('leads.status', '!=', 'erased')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('notices')
            .select('notices.id')
            .whereRef('notices.subject_id', '=', 'signals.id')
            .where('notices.kind', '=', 'reply'),
        ),
      ),
    )
    .orderBy('received_at')
    .limit(MOST_NEWS)
    .execute()
  return rows.flatMap(({ id, leadId, owner }) =>
    normalizeEmail(owner ?? '').ok
      ? [{ kind: 'reply' as const, subject_id: id, way: 'owner' as const, lead_id: leadId }]
      : [],
  )
}

type Thing = Omit<NewNotice, 'way'>

/** What the engine gives to people; the calls that a cadence plans are looked up in the console. */
async function tasks(trx: Executor, since: Instant): Promise<Thing[]> {
  const rows = await trx
    .selectFrom('tasks')
    .select(['id', 'lead_id'])
    .where('kind', 'in', ['reply', 'hand_off', 'other'])
    .where('created_at', '>', since)
    .where('done_at', 'is', null)
    .orderBy('created_at', 'desc')
    .limit(MOST_NEWS)
    .execute()
  return rows.map(({ id, lead_id }) => ({ kind: 'task', subject_id: id, lead_id }))
}

async function alerts(trx: Executor, since: Instant): Promise<Thing[]> {
  const rows = await trx
    .selectFrom('alerts')
    .select(['id', 'lead_id'])
    .where('at', '>', since)
    .where('resolved_at', 'is', null)
    .orderBy('at', 'desc')
    .limit(MOST_NEWS)
    .execute()
  return rows.map(({ id, lead_id }) => ({ kind: 'alert', subject_id: id, lead_id }))
}

/** One notice tells of all mail that waits: a mailbox full of it is not passed on mail by mail. */
const MAIL_NEWS_EVERY_MS = 15 * MINUTE_MS

/** Mail that came since people were last told, and that only a person can place. */
async function waitingMail(trx: Executor, now: Instant, since: Instant): Promise<Thing[]> {
  const last = await lastMailNotice(trx)
  if (last !== null && now < plus(last, MAIL_NEWS_EVERY_MS)) return []
  const row = await trx
    .selectFrom('inbound_mail')
    .select(['id', 'lead_id'])
    .where('state', '=', 'kept')
    .where('received_at', '>', instant(Math.max(since, last ?? since)))
    .orderBy('received_at')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? [] : [{ kind: 'mail', subject_id: row.id, lead_id: null }]
}

/** Puts a notice into words; for an owner, with an address at which an answer goes to the lead. */
export async function composeNotice(
  trx: Executor,
  notice: NoticeRow,
  settings: CompanySettings,
  places: NoticePlaces,
  now: Instant,
): Promise<Notice | null> {
  if (notice.kind === 'reply') return forwarded(trx, notice, settings, places, now)
  const said = await thingSaid(trx, notice)
  if (said === null) return null
  const url = linkTo(places, notice)
  if (notice.way === 'webhook') {
    const text = [said.title, said.more, url].filter((part) => part !== null).join(' ')
    const { id, kind, lead_id: leadId } = notice
    return { way: 'webhook', body: { id, kind, text, leadId, url } }
  }
  const to = settings.notifications.email
  if (to === null) return null
  const lines = [said.title, said.more, where(url, notice.lead_id)]
  const text = lines.filter((line) => line !== null).join('\n\n')
  return { way: 'mail', email: mail(notice, settings, to, said.title, text) }
}

/** Titles are ours; what a lead wrote stays in the console. */
async function thingSaid(
  trx: Executor,
  { kind, subject_id }: NoticeRow,
): Promise<{ title: string; more: string | null } | null> {
  if (kind === 'task') {
    const task = await trx
      .selectFrom('tasks')
      .select(['title', 'done_at'])
      .where('id', '=', subject_id)
      .executeTakeFirst()
    return task && task.done_at === null ? { title: task.title, more: null } : null
  }
  if (kind === 'mail') return mailSaid(trx)
  const alert = await trx
    .selectFrom('alerts')
    .select(['kind', 'because', 'fix', 'resolved_at'])
    .where('id', '=', subject_id)
    .executeTakeFirst()
  if (!alert || alert.resolved_at !== null) return null
  const title = `Alert: ${alert.kind.replaceAll('_', ' ')}`
  return { title, more: `${alert.because} ${alert.fix}` }
}

async function mailSaid(trx: Executor): Promise<{ title: string; more: string } | null> {
  const { count } = await trx
    .selectFrom('inbound_mail')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('state', '=', 'kept')
    .executeTakeFirstOrThrow()
  if (Number(count) === 0) return null
  const title =
    Number(count) === 1 ? 'A mail waits for a person' : `${count} mails wait for a person`
  return { title, more: 'They name no message of ours and nobody we know, or could not be read.' }
}

async function forwarded(
  trx: Executor,
  notice: NoticeRow,
  settings: CompanySettings,
  places: NoticePlaces,
  now: Instant,
): Promise<Notice | null> {
  const lead = notice.lead_id === null ? null : await findLead(trx, notice.lead_id)
  const owner = normalizeEmail(lead?.owner ?? '')
  const signal = await trx
    .selectFrom('signals')
    .select('payload')
    .where('signals.id', '=', notice.subject_id as never)
    .executeTakeFirst()
  const { text, subject, channel } = signal?.payload ?? {}
  // An erased lead's words are gone.
  if (lead === null || lead.status === 'erased' || !owner.ok || typeof text !== 'string')
    return null
  const by = channel === 'sms' ? 'text' : 'email'
  // By which channel the owner's answer goes on, and from whom it must come.
  const target = `${channel === 'sms' ? 'sms' : 'email'}:${owner.value}`
  const answerAt =
    places.inboundDomain === null
      ? null
      : await answerAddress(trx, lead, places.inboundDomain, target, now)
  const name = nameOf(lead)
  const lines = [
    `${name} answered by ${by}:`,
    text
      .split('\n')
      .map((line) => `> ${line}`)
      .join('\n'),
    answerAt === null
      ? 'Answer from the page of the lead.'
      : `Answer this mail, and your words go to ${name} by ${by}.`,
    where(linkTo(places, { kind: 'reply', lead_id: lead.id }), lead.id),
  ]
  const title =
    typeof subject === 'string' && subject !== '' ? subject : `${name} answered by ${by}`
  const email = mail(notice, settings, owner.value, title, lines.join('\n\n'))
  return {
    way: 'mail',
    email: answerAt === null ? email : { ...email, replyTo: { address: answerAt, name } },
  }
}

/** An address that only this owner, and only for this lead, can answer to. */
async function answerAddress(
  trx: Executor,
  lead: LeadRow,
  domain: string,
  target: string,
  at: Instant,
): Promise<string> {
  const wanted = { purpose: 'owner', leadId: lead.id, touchId: null, target } as const
  return tokenAddress({ purpose: 'owner', token: await mintToken(trx, wanted, at) }, domain)
}

function mail(
  { id }: NoticeRow,
  { company }: CompanySettings,
  to: string,
  subject: string,
  text: string,
): OutgoingEmail {
  return {
    touch: id as TouchId,
    from: { address: company.from.email, name: company.brand },
    to,
    subject,
    text,
    messageId: messageIdOf(id, { address: company.from.email }),
    automatic: true,
  }
}

function linkTo(
  { consoleUrl }: NoticePlaces,
  { kind, lead_id: leadId }: Pick<NoticeRow, 'kind' | 'lead_id'>,
): string | null {
  if (consoleUrl === null) return null
  if (kind === 'mail') return `${consoleUrl}/mail`
  return leadId === null ? `${consoleUrl}/alerts` : `${consoleUrl}/leads/${leadId}`
}

function where(url: string | null, leadId: string | null): string | null {
  if (url !== null) return url
  return leadId === null ? null : `Lead ${leadId}`
}

function nameOf({ first_name, last_name }: LeadRow): string {
  const name = [first_name, last_name].filter((part) => part !== null).join(' ')
  return name === '' ? 'The lead' : name
}
