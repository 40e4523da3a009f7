import { existsSync } from 'node:fs'
import { z } from 'zod'
import type { Cadence } from '../../../domain/cadence/types.ts'
import { diffCadences } from '../../../domain/cadence/versions/diff.ts'
import { diffFiles } from '../../../domain/cadence/versions/diff-files.ts'
import type { SourceFile } from '../../../domain/templates/parse.ts'
import { filesAround } from '../../../domain/templates/types.ts'
import { templatesOf } from '../../../leads/publishing/published-files.ts'
import { templateKey } from '../../../store/company/templates.ts'
import { readCadenceFiles } from '../../cadence-files.ts'
import { readCadence } from '../../cadence-in-set.ts'
import { ask, type DataClient, withQuery } from '../../data/client.ts'
import { withData } from '../../data/open.ts'
import { EXIT, type Exit } from '../../exit.ts'
import { usageError } from '../../problem.ts'
import type { Terminal } from '../../terminal.ts'

interface Side {
  readonly label: string
  readonly cadence: Cadence
  /** The words of its messages; null where only the plan is known, of an older version. */
  readonly files: readonly SourceFile[] | null
}

/**
 * `rekindle cadence diff A [B]`: what B changes against A, in words. Each is a file, NAME or
 * NAME@VERSION. A file alone is compared with what is published, a name alone with the version
 * before.
 */
export async function diffCadence(
  terminal: Terminal,
  [first = '', second]: readonly string[],
  { text = false }: { readonly text?: boolean },
): Promise<Exit> {
  const [before, after] = await withData(terminal, (client) => sidesOf(client, first, second))
  const changes = diffCadences(before.cadence, after.cadence)
  const files =
    before.files === null || after.files === null ? [] : diffFiles(before.files, after.files)
  terminal.answer({ from: before.label, to: after.label, changes, files })
  terminal.say(terminal.paint('bold', `From ${before.label} to ${after.label}:`))
  for (const { words } of changes) terminal.say(`  ${words}`)
  for (const { words, removed, added } of files) {
    terminal.say(`  ${words}`)
    if (!text) continue
    for (const line of removed) terminal.say(terminal.paint('red', `    - ${line}`))
    for (const line of added) terminal.say(terminal.paint('green', `    + ${line}`))
  }
  if (changes.length + files.length === 0) terminal.say('  nothing changes.')
  return EXIT.ok
}

async function sidesOf(
  client: DataClient,
  first: string,
  second: string | undefined,
): Promise<readonly [Side, Side]> {
  if (second !== undefined) return [await sideOf(client, first), await sideOf(client, second)]
  const after = await sideOf(client, first)
  if (isFile(first)) return [await publishedSide(client, after.cadence.name, undefined), after]
  const [name = '', wanted] = first.split('@')
  const version = wanted === undefined ? (await versionOf(client, name)).version : Number(wanted)
  if (version > 1) return [await publishedSide(client, name, version - 1), after]
  throw usageError(`${name} has one version only.`, 'Name two things to compare.')
}

function sideOf(client: DataClient, wanted: string): Promise<Side> {
  if (isFile(wanted)) return fileSide(wanted)
  const [name = '', version] = wanted.split('@')
  if (version !== undefined && !/^[1-9]\d*$/.test(version)) {
    throw usageError(`"${version}" is no version.`, 'Write NAME@2.')
  }
  return publishedSide(client, name, version === undefined ? undefined : Number(version))
}

function isFile(wanted: string): boolean {
  return /\.ya?ml$/.test(wanted) || existsSync(wanted)
}

async function fileSide(path: string): Promise<Side> {
  const { files: set, cadence } = await readCadence(path)
  const used = templatesOf(cadence.cadence)
  const paths = new Set(
    set.templates
      .filter(({ channel, name }) => used.includes(templateKey(channel, name)))
      .flatMap(filesAround),
  )
  const given = readCadenceFiles([path]).folders.flatMap(({ files }) => files)
  const files = given.filter((file) => paths.has(file.path))
  return { label: path, cadence: cadence.cadence, files: given.length === 0 ? null : files }
}

const cadenceSchema = z.looseObject({ version: z.number(), definition: z.unknown() })
const filesSchema = z.object({
  files: z.array(z.object({ path: z.string(), text: z.string() })),
})

function versionOf(client: DataClient, name: string, version?: number) {
  const query = { version: version === undefined ? undefined : String(version) }
  return ask(client, cadenceSchema, withQuery(`/v1/cadences/${encodeURIComponent(name)}`, query))
}

async function publishedSide(
  client: DataClient,
  name: string,
  wanted: number | undefined,
): Promise<Side> {
  const { version, definition } = await versionOf(client, name, wanted)
  const { files } =
    wanted === undefined
      ? await ask(client, filesSchema, withQuery('/v1/files', { cadence: name }))
      : { files: null }
  const templates = files?.filter(({ path }) => path.startsWith('templates/')) ?? null
  // Published versions were parsed and checked, and never change.
  return { label: `${name}@${version}`, cadence: definition as Cadence, files: templates }
}
