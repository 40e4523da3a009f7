import { inReadingOrder } from '../file/problems.ts'
import type { ParsedCadence } from '../file/set.ts'
import { readYaml } from '../file/yaml-source.ts'
import { noCallToAction } from './calls-to-action.ts'
import { capDrops } from './caps.ts'
import { channelNotConfigured, oneChannel } from './channels.ts'
import { oneHour } from './one-hour.ts'
import { unreachable } from './reach.ts'
import { noExitOnReply } from './replies.ts'
import type { LintCode, LintInput, LintRule } from './types.ts'
import { noWindow } from './windows.ts'

/** Something that a cadence hardly means, with its place and what to write instead. */
export interface LintWarning {
  readonly file: string
  /** Both count from 1. */
  readonly line: number
  readonly column: number
  readonly cadence: string
  /** null: the whole cadence. */
  readonly step: string | null
  readonly code: LintCode
  readonly message: string
  readonly fix: string
}

const RULES: readonly LintRule[] = [
  unreachable,
  oneChannel,
  oneHour,
  noCallToAction,
  noExitOnReply,
  noWindow,
  capDrops,
  channelNotConfigured,
]

/**
 * What is allowed and hardly meant in a cadence that was read from `text`, in the order of the
 * file. Warnings never keep it from being published.
 */
export function lintCadence(file: string, text: string, input: LintInput): readonly LintWarning[] {
  const reading = readYaml(file, text)
  if (!reading.ok) return []
  const found = RULES.flatMap((rule) => rule(input)).map(({ path, ...finding }) => ({
    ...finding,
    file,
    ...reading.source.placeOf(path),
    cadence: input.cadence.name,
  }))
  return inReadingOrder(found)
}

/** The same for every cadence of a set, each with the templates that are known. */
export function lintSet(
  cadences: readonly ParsedCadence[],
  around: Omit<LintInput, 'cadence'>,
): readonly LintWarning[] {
  return cadences.flatMap(({ file, text, cadence }) =>
    lintCadence(file, text, { ...around, cadence }),
  )
}

/** `file:line:column: warning: message fix`, as editors and terminals link it. */
export function describeWarning({ file, line, column, message, fix }: LintWarning): string {
  return `${file}:${line}:${column}: warning: ${message} ${fix}`
}
