import type { Channel, PolicyRules } from '../../policy/types.ts'
import type { Template } from '../../templates/types.ts'
import type { YamlPath } from '../file/yaml-source.ts'
import type { Cadence } from '../types.ts'

/** What a cadence is looked through with. */
export interface LintInput {
  readonly cadence: Cadence
  /** Those that it may use; null where they are not known. */
  readonly templates: readonly Template[] | null
  readonly rules: PolicyRules
  /** Channels with a provider; null where they are not known. */
  readonly channels: readonly Channel[] | null
}

export const LINT_CODES = [
  'unreachable_step',
  'one_channel',
  'one_hour',
  'no_call_to_action',
  'no_exit_on_reply',
  'no_window',
  'cap_drops_step',
  'channel_not_configured',
] as const
export type LintCode = (typeof LINT_CODES)[number]

/** Something that is allowed and is hardly meant. */
export interface Finding {
  /** Where in the file: the value at this path. */
  readonly path: YamlPath
  /** The step it is about; null: the whole cadence. */
  readonly step: string | null
  readonly code: LintCode
  readonly message: string
  readonly fix: string
}

/** One rule looks through a whole cadence. */
export type LintRule = (input: LintInput) => readonly Finding[]
