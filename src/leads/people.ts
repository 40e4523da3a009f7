import { sql } from 'kysely'
import { jsonArrayFrom, jsonObjectFrom } from 'kysely/helpers/postgres'
import type { EpisodeId, LeadId, TouchId } from '../domain/ids.ts'
import type { MessageClass, PolicyContactPoint, PolicyPerson } from '../domain/policy/types.ts'
import { DAY_MS, type Instant, plus } from '../domain/time.ts'
import { asStop, STOP_COLUMNS } from '../store/company/emergency-stops.ts'
import { compiledOnce, onlyRow } from '../store/compiled-once.ts'
import type { EpisodeRow } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'
import type { ContactPointsTable, PhoneLookupsTable } from '../store/schema.ts'
import { asAttested, asConsent, attestedVersion, doNotCall, shownAt } from './evidence/evidence.ts'

/** A person as the policy sees one, and the keyed hashes that caps and stops hang on. */
export interface Person {
  readonly policy: PolicyPerson
  readonly emailHash: string | null
  readonly phoneHash: string | null
}

/** Older touches count in no cap but that of the open episode. */
const REMEMBERED_MS = 7 * DAY_MS

/**
 * Everything the policy must know of the lead's person, in one round trip. The person is every
 * lead that shares one of its contact points: their touches count together. `except` is the touch
 * that is being made, whose own intent is not counted against it.
 */
export async function loadPerson(
  executor: Executor,
  lead: LeadRow,
  now: Instant,
  except: TouchId | null = null,
): Promise<Person> {
  const { id: leadId, episode_id, source, created_at } = lead
  const since = plus(now, -REMEMBERED_MS)
  const about = { leadId, episode_id, source, created_at, since, except }
  const rows = onlyRow(await personRows(executor, about))
  const { points, consents, suppressions, topics, episode, attested } = rows
  const email = points.find(({ kind }) => kind === 'email') ?? null
  const phone = points.find(({ kind }) => kind === 'phone') ?? null
  return {
    emailHash: email?.hash ?? null,
    phoneHash: phone?.hash ?? null,
    policy: {
      erased: lead.status === 'erased',
      email: email && asPolicyPoint(email),
      phone: phone && asPolicyPoint(phone),
      state: lead.state,
      zip: lead.zip,
      timezone: lead.timezone,
      consents: [...consents.map(asConsent), ...attested.map((row) => asAttested(row, lead))],
      suppressions,
      ...(topics.length > 0 && { topicsLeft: topics.map(({ topic }) => topic) }),
      recent: [...rows.touches, ...rows.calls]
        .map(({ inEpisode, ...touch }) => ({ ...touch, inEpisode: inEpisode === true }))
        .sort((a, b) => b.at - a.at),
      freshForm: episode !== null && answersForm(episode),
      doNotCall: doNotCall(phone?.value ?? null, rows.dncList[0] ?? null, rows.listed.length > 0),
      cadence: episode?.cadence_name ?? null,
      stops: rows.stops.map(asStop),
    },
  }
}

/** The keyed hashes on which everything that concerns the person queues. */
export function contactKeysOf({ emailHash, phoneHash }: Person): readonly string[] {
  return [emailHash, phoneHash].filter((hash) => hash !== null)
}

/** A lead's own form is answered at once; what we began ourselves is not in a hurry. */
export function answersForm({ kind, began_by }: Pick<EpisodeRow, 'kind' | 'began_by'>): boolean {
  return kind === 'nurture' && (began_by === 'form' || began_by === 'api')
}

/** States in which a message has reached the person, may have, or is on its way. */
export const COUNTED = ['intent', 'dispatching', 'sent', 'delivered', 'uncertain'] as const

const leftAt = sql<Instant>`coalesce(dispatched_at, intent_at)`
/** A call that a cadence asked for is a planned touch; the others answer the lead. */
const classOfCall = sql<MessageClass>`case when episode_id is null then 'conversation' else 'marketing' end`

interface PersonArgs {
  readonly leadId: LeadId
  readonly episode_id: EpisodeId | null
  readonly source: string
  readonly created_at: Instant
  readonly since: Instant
  readonly except: TouchId | null
}

/** The current contact points, and what is on file for their hashes, whichever lead it came by. */
const personRows = compiledOnce((executor, args: PersonArgs) => {
  const { leadId, episode_id, source, created_at, since, except } = args
  return executor
    .with('points', (db) =>
      db
        .selectFrom('contact_points')
        .leftJoin('phone_lookups', 'phone_lookups.contact_hash', 'contact_points.hash')
        .select(['kind', 'value', 'hash', 'validity', 'invalid_because', 'line_type'])
        .where('lead_id', '=', leadId)
        .where('current', '=', true),
    )
    .with('leads_of_person', (db) =>
      db
        .selectFrom('contact_points')
        .select('lead_id')
        .where('current', '=', true)
        .where('hash', 'in', db.selectFrom('points').select('hash'))
        .union(db.selectNoFrom((on) => on.val(leadId).as('lead_id'))),
    )
    .selectNoFrom((on) => [
      jsonArrayFrom(on.selectFrom('points').selectAll()).as('points'),
      jsonArrayFrom(
        on
          .selectFrom('consents')
          .select(['channel', 'basis', 'disclosure', 'at', 'source', 'by_lead'])
          .select((has) => [
            shownAt('consents.at').as('version'),
            has('url', 'is not', null).as('hasUrl'),
            has('ip', 'is not', null).as('hasIp'),
            has('proof', 'is not', null).as('hasProof'),
          ])
          .where('contact_hash', 'in', on.selectFrom('points').select('hash'))
          .orderBy('at'),
      ).as('consents'),
      jsonArrayFrom(
        on
          .selectFrom('suppressions')
          .select(['channel', 'cause', 'at'])
          .where('contact_hash', 'in', on.selectFrom('points').select('hash'))
          .orderBy('at'),
      ).as('suppressions'),
      jsonArrayFrom(
        on
          .selectFrom('topic_opt_outs')
          .select('topic')
          .where('contact_hash', 'in', on.selectFrom('points').select('hash')),
      ).as('topics'),
      jsonArrayFrom(
        on
          .selectFrom('touches')
          .select((row) => [
            'channel',
            'class as messageClass',
            leftAt.as('at'),
            row('episode_id', '=', episode_id).$castTo<boolean | null>().as('inEpisode'),
          ])
          .where('state', 'in', [...COUNTED])
          .where('id', 'is distinct from', except)
          .where((row) =>
            row.or([
              row('lead_id', 'in', on.selectFrom('leads_of_person').select('lead_id')),
              row('contact_hash', 'in', on.selectFrom('points').select('hash')),
            ]),
          )
          .where((row) => row.or([row(leftAt, '>', since), row('episode_id', '=', episode_id)])),
      ).as('touches'),
      jsonArrayFrom(
        on
          .selectFrom('calls')
          .select((row) => [
            sql<'call'>`'call'`.as('channel'),
            classOfCall.as('messageClass'),
            'at',
            row('episode_id', '=', episode_id).$castTo<boolean | null>().as('inEpisode'),
          ])
          .where((row) =>
            row.or([
              row('lead_id', 'in', on.selectFrom('leads_of_person').select('lead_id')),
              row('contact_hash', 'in', on.selectFrom('points').select('hash')),
            ]),
          )
          .where((row) => row.or([row('at', '>', since), row('episode_id', '=', episode_id)])),
      ).as('calls'),
      jsonArrayFrom(
        on
          .selectFrom('holds')
          .select([...STOP_COLUMNS])
          .where('scope', '=', 'emergency')
          .where('lifted_at', 'is', null)
          .orderBy('created_at'),
      ).as('stops'),
      jsonObjectFrom(
        on
          .selectFrom('episodes')
          .select(['kind', 'began_by', 'cadence_name'])
          .where('id', '=', episode_id)
          .where('ended_at', 'is', null),
      ).as('episode'),
      jsonArrayFrom(
        on
          .selectFrom('attestations')
          .select(['channel', 'basis', 'disclosure', 'source'])
          .select(() => [attestedVersion.as('version')])
          .where('source', '=', source)
          .where('withdrawn_at', 'is', null)
          .where('from_at', '<=', created_at)
          .where((within) =>
            within.or([within('until_at', 'is', null), within('until_at', '>', created_at)]),
          ),
      ).as('attested'),
      jsonArrayFrom(
        on
          .selectFrom('dnc_lists')
          .select(['as_of', 'area_codes'])
          .where('finished_at', 'is not', null)
          .orderBy('as_of', 'desc')
          .limit(1),
      ).as('dncList'),
      jsonArrayFrom(
        on
          .selectFrom('dnc_numbers')
          .select('list_id')
          .where('contact_hash', 'in', on.selectFrom('points').select('hash')),
      ).as('listed'),
    ])
})

type PointRow = Pick<ContactPointsTable, 'value' | 'validity' | 'invalid_because'> &
  Pick<PhoneLookupsTable, 'line_type'>

function asPolicyPoint(row: PointRow): PolicyContactPoint {
  return {
    value: row.value,
    validity: row.validity,
    invalidBecause: row.invalid_because,
    ...(row.line_type !== null && { lineType: row.line_type }),
  }
}
