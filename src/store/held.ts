import { type ExpressionBuilder, sql } from 'kysely'
import { STATE_NAMES, stateEvidence } from '../domain/policy/index.ts'
import type { Database } from './schema.ts'

type OfLeads = ExpressionBuilder<Database, 'leads'>

/**
 * The lead is held by itself, together with its cadence, or by an emergency stop: questions apart,
 * for each of which there is an index of few rows.
 */
export function hasHold(on: OfLeads) {
  return on.or([
    on.exists(openHolds(on).whereRef('holds.lead_id', '=', 'leads.id')),
    on.exists(stops(on).where('holds.scope_key', '=', 'global')),
    isStoppedInItsState(on),
    on.exists(
      on
        .selectFrom('episodes')
        .innerJoin('holds', 'holds.scope_key', 'episodes.cadence_name')
        .select(sql`1`.as('one'))
        .whereRef('episodes.id', '=', 'leads.episode_id')
        .where('holds.scope', '=', 'cadence')
        .where('holds.scope', '<>', 'lead')
        .where('holds.lifted_at', 'is', null),
    ),
    on.exists(
      stops(on)
        .innerJoin('episodes', (join) =>
          join.on('holds.scope_key', '=', sql<string>`'cadence:' || episodes.cadence_name`),
        )
        .whereRef('episodes.id', '=', 'leads.episode_id'),
    ),
  ])
}

function openHolds(on: OfLeads) {
  return on.selectFrom('holds').select(sql`1`.as('one')).where('holds.lifted_at', 'is', null)
}

/** Scope said twice, so that the index of the few wide holds serves. */
function stops(on: OfLeads) {
  return openHolds(on).where('holds.scope', '=', 'emergency').where('holds.scope', '<>', 'lead')
}

/**
 * A state that is stopped is the lead's by its address or its area code, as the policy has it
 * (`channelsStopped`). Which names and area codes those are is asked by a small table in the query.
 */
function isStoppedInItsState(on: OfLeads) {
  const given = sql<string>`upper(btrim(leads.state))`
  const areaCode = sql<string>`(
    select substr(phone.value, 3, 3) from contact_points phone
    where phone.lead_id = leads.id and phone.kind = 'phone' and phone.current
      and phone.value like '+1%'
  )`
  return on.exists(
    stops(on)
      .innerJoin(PLACES.as('place'), (join) => join.on(sql<boolean>`holds.scope_key = place.stop`))
      .where(sql<boolean>`(${given} = any(place.names) or ${areaCode} = any(place.codes))`),
  )
}

const ROWS = STATE_NAMES.map(({ code }) => {
  const { names, areaCodes } = stateEvidence(code)
  return sql`(${sql.lit(`state:${code}`)}, ${textArray(names)}, ${textArray(areaCodes)})`
})

const PLACES = sql<{
  stop: string
}>`(select * from (values ${sql.join(ROWS)}) as v(stop, names, codes))`

function textArray(texts: readonly string[]) {
  return sql`array[${sql.join(texts.map((text) => sql.lit(text)))}]::text[]`
}
