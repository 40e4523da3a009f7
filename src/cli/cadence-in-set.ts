import { basename } from 'node:path'
import { describeProblem } from '../domain/cadence/file/problems.ts'
import { type ParsedCadence, parseCadenceSet } from '../domain/cadence/file/set.ts'
import { DEAD_REASONS, type DeadReason } from '../domain/lead.ts'
import { compileLayouts, withLayouts } from '../leads/publishing/layouts.ts'
import { companyFolderOf, readCadenceFolder, SHIPPED_FOLDER } from '../local/folder.ts'
import { readCadenceFiles } from './cadence-files.ts'
import { EXIT } from './exit.ts'
import { CliError, usageError } from './problem.ts'

const MOST_DAYS = 1_000

/** One cadence, with the others and the templates that it may need. */
export interface CadenceInSet {
  readonly files: Extract<ReturnType<typeof parseCadenceSet>, { ok: true }>
  readonly cadence: ParsedCadence
}

/**
 * Reads a file with the templates beside it, or finds a cadence that ships by its name.
 * @throws CliError that tells every problem with its line; usage for an unknown name
 */
export async function readCadence(wanted: string): Promise<CadenceInSet> {
  const isFile = /\.ya?ml$/.test(wanted)
  // A company's own cadences come before those that ship.
  const own = companyFolderOf(process.env.REKINDLE_FOLDER) ?? SHIPPED_FOLDER
  const files = isFile ? filesOf(wanted) : readCadenceFolder(own)
  const parsing = parseCadenceSet(files)
  const problems = parsing.ok ? await compileLayouts(parsing.templates, files) : parsing.problems
  if (!parsing.ok || problems.length > 0) {
    throw new CliError(EXIT.no, {
      code: 'invalid_cadence',
      message: problems.map(describeProblem).join('\n'),
      fix: 'Correct the files; `rekindle cadence validate` checks them in a moment.',
    })
  }
  const name = isFile ? null : wanted
  const path = `cadences/${basename(wanted)}`
  const cadence = parsing.cadences.find((each) =>
    name === null ? each.file === path : each.cadence.name === name,
  )
  if (cadence !== undefined) {
    return { files: { ...parsing, templates: withLayouts(parsing.templates) }, cadence }
  }
  const known = parsing.cadences.map((each) => each.cadence.name)
  throw usageError(
    own === SHIPPED_FOLDER
      ? `No cadence "${wanted}" ships with Rekindle.`
      : `There is no cadence "${wanted}" in ${own}.`,
    `Name a file, or one of: ${known.join(', ')}.`,
  )
}

/** A cadence outside a company's folder finds the templates that ship. */
function filesOf(path: string) {
  const { folders, loose } = readCadenceFiles([path])
  const [folder] = folders
  if (folder !== undefined) return folder.files
  const templates = readCadenceFolder(SHIPPED_FOLDER).filter((file) =>
    file.path.startsWith('templates/'),
  )
  return [...templates, ...loose.map(({ text }) => ({ path: `cadences/${basename(path)}`, text }))]
}

/** @throws CliError (usage) for what is no number of days */
export function daysFrom(text: string): number {
  const days = Number(text)
  if (Number.isInteger(days) && days >= 1 && days <= MOST_DAYS) return days
  throw usageError(
    `--days ${text} is no number of days.`,
    `Write a whole number from 1 to ${MOST_DAYS}.`,
  )
}

/** @throws CliError (usage) for what is no dead reason */
export function reasonFrom(text = 'unresponsive'): DeadReason {
  const reason = DEAD_REASONS.find((each) => each === text)
  if (reason !== undefined) return reason
  throw usageError(`--dead ${text} is no dead reason.`, `Use one of: ${DEAD_REASONS.join(', ')}.`)
}
