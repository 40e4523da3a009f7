import type {
  CadencesTable,
  CadenceVersionsTable,
  PublicationsTable,
  StepVisitsTable,
  TemplatePinsTable,
  TemplatesTable,
  TemplateVersionsTable,
} from './tables/cadences.ts'
import type {
  AlertsTable,
  ApiKeysTable,
  AuditLogTable,
  CallsTable,
  IdempotencyKeysTable,
  ImportsTable,
  InboundMailTable,
  LedgerEntriesTable,
  MailboxesTable,
  NoticesTable,
  ReceiptsTable,
  RunsTable,
  SettingsTable,
  TasksTable,
  TestSendsTable,
  TokensTable,
  TransitionsTable,
  VisitorsTable,
  VisitsTable,
} from './tables/edges.ts'
import type {
  EpisodesTable,
  HoldsTable,
  MessagesTable,
  ReplyVerdictsTable,
  ScoreChangesTable,
  SenderDaysTable,
  SenderTurnsTable,
  SignalsTable,
  StepResultsTable,
  TouchesTable,
  WebhookDeliveriesTable,
  WebhooksTable,
} from './tables/happenings.ts'
import type { OfferingMatchesTable, OfferingsTable } from './tables/offerings.ts'
import type {
  BulkPassedTable,
  BulkRunsTable,
  LateMinutesTable,
  QueuedEnrollmentsTable,
  SegmentsTable,
} from './tables/operations.ts'
import type {
  AttestationsTable,
  ConsentsTable,
  ContactKeysTable,
  ContactPointsTable,
  DisclosuresTable,
  DncListsTable,
  DncNumbersTable,
  HashKeysTable,
  LeadsTable,
  PhoneLookupsTable,
  SuppressionsTable,
  TopicOptOutsTable,
} from './tables/people.ts'

export type * from './tables/cadences.ts'
export type * from './tables/edges.ts'
export type * from './tables/happenings.ts'
export type * from './tables/offerings.ts'
export type * from './tables/operations.ts'
export type * from './tables/people.ts'

/**
 * The tables, as Kysely sees them. Instants are `bigint` epoch milliseconds in columns named
 * `…_at`: the same number on Postgres and PGlite, with nothing to convert and no session zone
 * to mistake (docs/decisions/0003-store.md).
 */
export interface Database {
  hash_keys: HashKeysTable
  leads: LeadsTable
  contact_points: ContactPointsTable
  contact_keys: ContactKeysTable
  consents: ConsentsTable
  suppressions: SuppressionsTable
  disclosures: DisclosuresTable
  attestations: AttestationsTable
  dnc_numbers: DncNumbersTable
  dnc_lists: DncListsTable
  topic_opt_outs: TopicOptOutsTable
  cadences: CadencesTable
  cadence_versions: CadenceVersionsTable
  templates: TemplatesTable
  template_versions: TemplateVersionsTable
  template_pins: TemplatePinsTable
  publications: PublicationsTable
  step_visits: StepVisitsTable
  episodes: EpisodesTable
  step_results: StepResultsTable
  score_changes: ScoreChangesTable
  webhooks: WebhooksTable
  webhook_deliveries: WebhookDeliveriesTable
  touches: TouchesTable
  messages: MessagesTable
  sender_days: SenderDaysTable
  sender_turns: SenderTurnsTable
  holds: HoldsTable
  signals: SignalsTable
  reply_verdicts: ReplyVerdictsTable
  idempotency_keys: IdempotencyKeysTable
  visitors: VisitorsTable
  visits: VisitsTable
  tokens: TokensTable
  transitions: TransitionsTable
  tasks: TasksTable
  calls: CallsTable
  api_keys: ApiKeysTable
  audit_log: AuditLogTable
  alerts: AlertsTable
  ledger_entries: LedgerEntriesTable
  runs: RunsTable
  settings: SettingsTable
  imports: ImportsTable
  notices: NoticesTable
  test_sends: TestSendsTable
  inbound_mail: InboundMailTable
  mailboxes: MailboxesTable
  bulk_runs: BulkRunsTable
  bulk_passed: BulkPassedTable
  queued_enrollments: QueuedEnrollmentsTable
  segments: SegmentsTable
  late_minutes: LateMinutesTable
  offerings: OfferingsTable
  offering_matches: OfferingMatchesTable
  receipts: ReceiptsTable
  phone_lookups: PhoneLookupsTable
}
