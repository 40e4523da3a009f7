import type { Generated } from 'kysely'
import type { PublishPolicy } from '../../domain/cadence/versions/policy.ts'
import type { CadenceVersionId, EpisodeId, LeadId, PublicationId } from '../../domain/ids.ts'
import type { SourceFile } from '../../domain/templates/parse.ts'
import type { Instant } from '../../domain/time.ts'
import type { Json } from './json.ts'

// What marketing published; versions never change.

export interface CadencesTable {
  name: string
  title: string
  current_version_id: CadenceVersionId
}

export interface CadenceVersionsTable {
  id: CadenceVersionId
  name: string
  version: number
  checksum: string
  source: string
  definition: Json<unknown>
  published_at: Instant
  published_by: string
}

export interface TemplatesTable {
  name: string
  current_version_id: string
}

export interface TemplateVersionsTable {
  id: string
  name: string
  version: number
  checksum: string
  path: string
  source: string
  /** What it was published from, byte for byte; null for what was published before this was kept. */
  files: Json<readonly SourceFile[] | null>
  published_at: Instant
  /** null for what was published before this was kept. */
  published_by: string | null
}

/** An episode that keeps the words of a message as they were before a later version. */
export interface TemplatePinsTable {
  episode_id: EpisodeId
  template: string
  version_id: string
}

/** What publishing a cadence does to the leads under way, and how far it is. */
export interface PublicationsTable {
  id: PublicationId
  cadence_name: string
  version_id: CadenceVersionId
  policy: PublishPolicy
  state: PublicationState
  by: string
  /** Leads that were under way in other versions when it began. */
  leads: number
  moved: Generated<number>
  /** Of the moved, those for which no step is left. */
  ended: Generated<number>
  /** Leads that could not be moved; they stay in the version they were in. */
  failed: Generated<number>
  /** The last lead that was dealt with; leads are taken in the order of their ids. */
  cursor: LeadId | null
  /** Until then one process has it in hand. */
  worked_until_at: Instant | null
  created_at: Instant
  finished_at: Instant | null
}

export type PublicationState = 'running' | 'done' | 'superseded' | 'cancelled'

/** A step that an episode came to; the version is the one in which it was left. */
export interface StepVisitsTable {
  episode_id: EpisodeId
  step_id: string
  visit: number
  lead_id: LeadId
  cadence_version_id: CadenceVersionId
  entered_at: Instant
  left_at: Instant | null
}
