import { type Kysely, sql } from 'kysely'

/**
 * The spine: leads, what is known of them, what happened to them, what was sent and why.
 * Instants are bigint epoch milliseconds. Forwards only.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const LEADS = [
  `create table leads (
    id text primary key,
    external_id text unique,
    first_name text, last_name text, company text,
    state text, zip text, timezone text,
    source text not null,
    cost_amount text, cost_currency text,
    owner text,
    tags jsonb not null default '[]',
    attributes jsonb not null default '{}',
    status text not null check (status in ('nurturing','engaged','converted','dead','erased')),
    dead_reason text, dead_details jsonb, dead_at bigint, check_in_at bigint,
    check_ins integer not null default 0,
    episode_id text,
    revision bigint not null default 0,
    rung_revision bigint not null default 0,
    last_seq bigint not null default 0,
    priority integer not null default 3,
    next_kind text not null default 'unplanned',
    next_at bigint, next_words text,
    reconcile_first boolean not null default false,
    run_id text, shown text,
    ledger_head text, ledger_count bigint not null default 0,
    created_at bigint not null, updated_at bigint not null, erased_at bigint,
    check ((status = 'dead') = (dead_reason is not null))
  )`,
  `create index leads_by_status on leads (status, dead_reason, id)`,
  `create index leads_unrung on leads (priority, updated_at) where rung_revision < revision`,
  `create index leads_next on leads (next_at) where next_at is not null`,
  `create table contact_keys (
    hash text primary key, kind text not null, key_id text not null, created_at bigint not null
  )`,
  `create table contact_points (
    id text primary key,
    lead_id text not null references leads (id),
    kind text not null check (kind in ('email','phone')),
    value text not null,
    hash text not null references contact_keys (hash),
    current boolean not null default true,
    validity text not null default 'unknown',
    invalid_because text,
    created_at bigint not null,
    unique (lead_id, kind, value)
  )`,
  `create unique index contact_points_current on contact_points (lead_id, kind) where current`,
  `create index contact_points_by_value on contact_points (kind, value)`,
  `create index contact_points_by_hash on contact_points (hash)`,
  `create table consents (
    id text primary key,
    contact_hash text not null,
    lead_id text,
    channel text not null, basis text not null, disclosure text,
    at bigint not null, source text not null, ip text,
    by_lead boolean not null, received_at bigint not null
  )`,
  `create index consents_by_hash on consents (contact_hash)`,
  `create table suppressions (
    id text primary key,
    contact_hash text not null,
    channel text not null, cause text not null, how text not null, at bigint not null
  )`,
  `create index suppressions_by_hash on suppressions (contact_hash)`,
]

const CADENCES = [
  `create table cadence_versions (
    id text primary key, name text not null, version integer not null, checksum text not null,
    source text not null, definition jsonb not null,
    published_at bigint not null, published_by text not null,
    unique (name, version)
  )`,
  `create table cadences (
    name text primary key, title text not null,
    current_version_id text not null references cadence_versions (id)
  )`,
  `create table template_versions (
    id text primary key, name text not null, version integer not null, checksum text not null,
    path text not null, source text not null, published_at bigint not null,
    unique (name, version)
  )`,
  `create table templates (
    name text primary key, current_version_id text not null references template_versions (id)
  )`,
]

const HAPPENINGS = [
  `create table episodes (
    id text primary key,
    lead_id text not null references leads (id),
    number integer not null, kind text not null,
    cadence_name text not null,
    cadence_version_id text not null references cadence_versions (id),
    began_by text not null,
    started_at bigint not null, ended_at bigint, ended_by text, outcome text,
    from_reason text, from_details jsonb,
    step_id text, visit integer not null default 1,
    anchor_at bigint not null,
    send_now boolean not null default false,
    unique (lead_id, number)
  )`,
  `create index episodes_by_cadence on episodes (cadence_name) where ended_at is null`,
  `create table touches (
    id text primary key,
    lead_id text not null references leads (id),
    episode_id text not null references episodes (id),
    step_id text not null, visit integer not null, attempt integer not null,
    channel text not null, class text not null,
    template_version_id text,
    contact_hash text not null,
    state text not null check (state in
      ('intent','dispatching','sent','delivered','failed','abandoned','uncertain')),
    dispatch_token text, message_id text, provider_id text,
    failure_kind text, failure_code text, because text, evidence text,
    subject text, text text, html text,
    intent_at bigint not null, dispatched_at bigint, dispatched_wall_at bigint,
    settled_at bigint, delivered_at bigint, retry_after_ms bigint,
    unique (lead_id, episode_id, step_id, visit, attempt)
  )`,
  `create index touches_by_contact on touches (contact_hash, intent_at)`,
  `create index touches_by_provider on touches (provider_id) where provider_id is not null`,
  `create index touches_by_message on touches (message_id) where message_id is not null`,
  `create index touches_open on touches (state, intent_at)
    where state in ('intent','dispatching','uncertain')`,
  `create table holds (
    id text primary key,
    scope text not null, lead_id text references leads (id), scope_key text,
    kind text not null, because text not null, by text not null,
    until_at bigint, created_at bigint not null, began_at bigint, lifted_at bigint,
    lifted_by text
  )`,
  `create index holds_by_lead on holds (lead_id)`,
  `create index holds_wide on holds (scope, scope_key) where scope <> 'lead'`,
  `create table signals (
    id text primary key,
    lead_id text not null references leads (id),
    seq bigint not null, kind text not null, payload jsonb not null default '{}',
    via text not null, answer jsonb not null,
    received_at bigint not null, processed_at bigint, effect text,
    unique (lead_id, seq)
  )`,
  `create index signals_unprocessed on signals (lead_id, seq) where processed_at is null`,
  `create table transitions (
    id text primary key,
    lead_id text not null references leads (id),
    from_status text, to_status text not null, dead_reason text, episode_id text,
    cause text not null, signal_id text, because text not null, at bigint not null
  )`,
  `create index transitions_by_lead on transitions (lead_id, at)`,
  `create table tasks (
    id text primary key,
    lead_id text not null references leads (id),
    kind text not null, title text not null, because text not null, assignee text,
    due_at bigint, created_at bigint not null, done_at bigint, done_by text
  )`,
  `create index tasks_open on tasks (lead_id) where done_at is null`,
  `create table ledger_entries (
    lead_id text not null, seq bigint not null, kind text not null, at bigint not null,
    meta jsonb not null, payload jsonb, salt text, payload_hash text not null,
    previous text, hash text not null,
    primary key (lead_id, seq)
  )`,
]

const EDGES = [
  `create table idempotency_keys (
    key text primary key, body_hash text not null, status integer not null,
    response jsonb not null, created_at bigint not null
  )`,
  `create table visitors (
    id text primary key, lead_id text references leads (id),
    first_seen_at bigint not null, last_seen_at bigint not null,
    linked_at bigint, linked_by text
  )`,
  `create index visitors_by_lead on visitors (lead_id) where lead_id is not null`,
  `create table visits (
    visitor_id text not null references visitors (id), session_id text not null,
    lead_id text, first_page text not null, pages integer not null,
    interacted boolean not null, started_at bigint not null, last_at bigint not null,
    primary key (visitor_id, session_id)
  )`,
  `create table tokens (
    hash text primary key, purpose text not null, lead_id text not null, touch_id text,
    target text, created_at bigint not null, expires_at bigint
  )`,
  `create table api_keys (
    id text primary key, name text not null, purpose text not null, hash text not null unique,
    created_at bigint not null, revoked_at bigint
  )`,
  `create table audit_log (
    id text primary key, at bigint not null, who text not null, action text not null,
    lead_id text, details jsonb not null default '{}'
  )`,
  `create index audit_by_lead on audit_log (lead_id, at)`,
  `create table alerts (
    id text primary key, kind text not null, lead_id text, because text not null,
    fix text not null, at bigint not null, resolved_at bigint
  )`,
  `create table runs (
    run_id text primary key, lead_id text not null, started_at bigint not null,
    closing_at bigint, history text, archived_at bigint
  )`,
  `create index runs_by_lead on runs (lead_id, started_at)`,
  `create index runs_unarchived on runs (closing_at) where archived_at is null`,
  `create table settings (key text primary key, value jsonb not null, updated_at bigint not null)`,
  `create table imports (
    id text primary key, file_name text not null, mode text not null,
    accepted integer not null, rejected integer not null,
    finished_at bigint, created_at bigint not null
  )`,
]

const STATEMENTS = [...LEADS, ...CADENCES, ...HAPPENINGS, ...EDGES]
