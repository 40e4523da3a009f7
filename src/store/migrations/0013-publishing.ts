import { type Kysely, sql } from 'kysely'

/**
 * Publishing into leads under way: which steps each episode came to, what a publication does to
 * the leads and how far it is, and messages that keep the words they began with. What was sent
 * before is carried over, so that reports and moves know of it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `create table step_visits (
    episode_id text not null references episodes (id) on delete cascade,
    step_id text not null, visit integer not null,
    lead_id text not null references leads (id),
    cadence_version_id text not null references cadence_versions (id),
    entered_at bigint not null, left_at bigint,
    primary key (episode_id, step_id, visit)
  )`,
  `create index step_visits_by_version on step_visits (cadence_version_id, step_id)`,
  `insert into step_visits
    (episode_id, step_id, visit, lead_id, cadence_version_id, entered_at, left_at)
    select t.episode_id, t.step_id, t.visit, t.lead_id, e.cadence_version_id,
      min(t.intent_at), max(coalesce(t.settled_at, t.intent_at))
    from touches t join episodes e on e.id = t.episode_id
    where t.step_id is not null
    group by t.episode_id, t.step_id, t.visit, t.lead_id, e.cadence_version_id`,
  `insert into step_visits
    (episode_id, step_id, visit, lead_id, cadence_version_id, entered_at, left_at)
    select id, step_id, visit, lead_id, cadence_version_id, anchor_at, null
    from episodes where step_id is not null
    on conflict (episode_id, step_id, visit) do update set left_at = null`,
  `create table publications (
    id text primary key,
    cadence_name text not null,
    version_id text not null references cadence_versions (id),
    policy text not null check (policy in ('pin','move','re-time')),
    state text not null check (state in ('running','done','superseded','cancelled')),
    by text not null,
    leads integer not null,
    moved integer not null default 0, ended integer not null default 0,
    failed integer not null default 0,
    cursor text, worked_until_at bigint,
    created_at bigint not null, finished_at bigint
  )`,
  `create index publications_running on publications (created_at) where state = 'running'`,
  `create index publications_by_cadence on publications (cadence_name, created_at)`,
  `alter table episodes add column publication_id text references publications (id)`,
  `alter table episodes add column kept_due_at bigint`,
  `alter table episodes add column spread_overdue boolean not null default false`,
  `create table template_pins (
    episode_id text not null references episodes (id) on delete cascade,
    template text not null,
    version_id text not null references template_versions (id),
    primary key (episode_id, template)
  )`,
  `create index template_pins_by_template on template_pins (template)`,
  `alter table template_versions add column published_by text`,
  `alter table template_versions add column files jsonb`,
]
