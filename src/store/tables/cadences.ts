import type { CadenceVersionId } from '../../domain/ids.ts'
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
  published_at: Instant
}
