import { sql } from 'kysely'
import { afterBusinessDays } from '../../domain/business-days.ts'
import { type Instant, instant, toIso } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import type { OpenSpan } from '../views/overview.ts'

/** 47 CFR 64.1200(a)(10): a revocation is honoured within ten business days. */
const DUTY_BUSINESS_DAYS = 10

/** How fast revocations took effect, and what left in spite of them. */
export interface RevocationReport {
  readonly from: string
  readonly to: string
  readonly revocations: readonly {
    readonly channel: string
    readonly cause: string
    readonly count: number
    /** From received to effective, in milliseconds by the clocks of receiver and store. */
    readonly medianMs: number | null
    readonly p95Ms: number | null
    readonly slowestMs: number | null
    /** Took effect later than ten business days after they were received. */
    readonly late: number
    /** Recorded before this was measured. */
    readonly unmeasured: number
  }[]
  /** What became of the one confirmation, by outcome; `open` waits to leave. */
  readonly confirmations: readonly { readonly outcome: string; readonly count: number }[]
  /** Messages that began to leave after a revocation was effective; there should be none. */
  readonly sentAfterwards: number
}

/**
 * The revocations received in a span. A list that was imported tells when each stop was asked for
 * elsewhere, which is not how fast we are: imported ones are left out.
 */
export async function revocationReport(
  executor: Executor,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): Promise<RevocationReport> {
  const groups = await speeds(executor, from, to)
  const late = await lateOnes(executor, from, to)
  return {
    from: toIso(from),
    to: toIso(to),
    revocations: groups.map((group) => ({
      ...group,
      count: Number(group.count),
      unmeasured: Number(group.unmeasured),
      medianMs: wholeMs(group.medianMs),
      p95Ms: wholeMs(group.p95Ms),
      slowestMs: wholeMs(group.slowestMs),
      late: late.filter(({ channel, cause }) => channel === group.channel && cause === group.cause)
        .length,
    })),
    confirmations: await confirmations(executor, from, to),
    sentAfterwards: await sentAfterwards(executor, from, to),
  }
}

interface Group {
  readonly channel: string
  readonly cause: string
  readonly count: number
  readonly unmeasured: number
  readonly medianMs: number | null
  readonly p95Ms: number | null
  readonly slowestMs: number | null
}

async function speeds(executor: Executor, from: Instant, to: Instant): Promise<Group[]> {
  const { rows } = await sql<Group>`
    select channel, cause, count(*) as count,
      count(*) filter (where effective_at is null) as unmeasured,
      percentile_cont(0.5) within group (order by greatest(effective_at - at, 0)) as "medianMs",
      percentile_cont(0.95) within group (order by greatest(effective_at - at, 0)) as "p95Ms",
      max(greatest(effective_at - at, 0)) as "slowestMs"
    from suppressions where at >= ${from} and at < ${to} and cause <> 'import'
    group by channel, cause order by channel, cause`.execute(executor)
  return rows
}

/** The longest from received to effective since then, in milliseconds. */
export async function slowestRevocationMs(executor: Executor, since: Instant): Promise<number> {
  const { rows } = await sql<{ ms: number | null }>`
    select max(effective_at - at) as ms from suppressions
    where at >= ${since} and cause <> 'import'`.execute(executor)
  return Math.max(0, Number(rows[0]?.ms ?? 0))
}

/** Ten business days are two weeks at least: whatever took less needs no calendar. */
async function lateOnes(executor: Executor, from: Instant, to: Instant) {
  const { rows } = await sql<{ channel: string; cause: string; at: number; effective: number }>`
    select channel, cause, at, effective_at as effective
    from suppressions
    where at >= ${from} and at < ${to} and cause <> 'import'
      and effective_at - at > 11 * 86400000`.execute(executor)
  return rows.filter(
    ({ at, effective }) =>
      Number(effective) > afterBusinessDays(instant(Number(at)), DUTY_BUSINESS_DAYS),
  )
}

async function confirmations(executor: Executor, from: Instant, to: Instant) {
  const rows = await executor
    .selectFrom('messages')
    .select(({ fn }) => [
      sql<string>`coalesce(outcome, 'open')`.as('outcome'),
      fn.countAll<number>().as('count'),
    ])
    .where('answer', '=', 'stop')
    .where('requested_at', '>=', from)
    .where('requested_at', '<', to)
    .groupBy(sql`coalesce(outcome, 'open')`)
    .orderBy('outcome')
    .execute()
  return rows.map(({ outcome, count }) => ({ outcome, count: Number(count) }))
}

/** By the wall clock; a consent that the lead gave in between lets us write again. */
async function sentAfterwards(executor: Executor, from: Instant, to: Instant): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from touches t
    where t.class <> 'required' and t.dispatched_wall_at is not null
      and exists (
        select from suppressions s
        where s.contact_hash = t.contact_hash and s.channel in (t.channel, 'all')
          and s.at >= ${from} and s.at < ${to} and s.effective_at < t.dispatched_wall_at
          and not exists (
            select from consents c
            where c.contact_hash = s.contact_hash and c.channel = t.channel and c.by_lead
              and c.at > s.at and c.received_at <= t.dispatched_wall_at
          )
      )`.execute(executor)
  return Number(rows[0]?.count ?? 0)
}

function wholeMs(value: number | null): number | null {
  return value === null ? null : Math.round(Number(value))
}

/**
 * How many consents to texts there are, by what they could be proved with; of a span, those that
 * were given in it.
 */
export async function consentsByStrength(
  executor: Executor,
  { from, to }: OpenSpan = {},
): Promise<{ label: string; count: number }[]> {
  const { rows } = await sql<{ label: string; count: number }>`
    select strength as label, count(*) as count from (
      select case
        when c.disclosure is null or not exists (
          select from disclosures d
          where d.id = c.disclosure and d.channel = c.channel and d.since_at <= c.at
        ) then 'weak'
        when c.proof is not null
          or ((c.url is not null or c.source ~* '^https?:') and c.ip is not null) then 'strong'
        else 'fair' end as strength
      from consents c where c.channel = 'sms' and c.basis = 'express_written'
        and c.at >= ${from ?? 0} and c.at < ${to ?? Number.MAX_SAFE_INTEGER}
    ) each_one group by strength order by strength`.execute(executor)
  return rows.map(({ label, count }) => ({ label, count: Number(count) }))
}
