import { describeProblem, type Problem } from '../../domain/cadence/file/problems.ts'
import { type ParsedCadence, parseCadenceSet } from '../../domain/cadence/file/set.ts'
import type { PublishPolicy } from '../../domain/cadence/versions/policy.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import type { PublicationId } from '../../domain/ids.ts'
import type { SourceFile } from '../../domain/templates/parse.ts'
import { filesAround, type Template } from '../../domain/templates/types.ts'
import type { Instant } from '../../domain/time.ts'
import { audit } from '../../store/company/audit.ts'
import { currentVersionNumber } from '../../store/company/cadences.ts'
import { pinTemplate, unpinTemplate } from '../../store/company/templates.ts'
import type { Executor } from '../../store/executor.ts'
import { Refusal } from '../intake.ts'
import { compileLayouts } from './layouts.ts'
import { beginPublication } from './publications.ts'
import { type Published, publish } from './publish.ts'
import { type Outbound, requirePublishable } from './publishable.ts'
import { publishedFiles } from './published-files.ts'
import { versionsUsing } from './under-way.ts'

/** What is to be published, and what becomes of the leads under way. */
export interface PublishRequest {
  /** Paths below a company's folder; templates that are published already may be left out. */
  readonly files: readonly SourceFile[]
  readonly policy: PublishPolicy
  /** Which words messages use that were not sent yet, of leads under way. */
  readonly unsent: 'new' | 'old'
  /** The version of each cadence that was current when this was decided; 0: none. */
  readonly expect: Readonly<Record<string, number>>
}

/** Files that are fit to be published. */
export interface CheckedFiles {
  readonly cadences: readonly ParsedCadence[]
  /** Those that were given; what came along for the check alone keeps its version. */
  readonly templates: readonly Template[]
  /** With those that are published already. */
  readonly known: readonly Template[]
  /** All that was read, also of what is published already. */
  readonly files: readonly SourceFile[]
}

export interface PublishedFilesResult {
  readonly cadences: readonly Published[]
  readonly templates: readonly Published[]
  readonly publications: readonly PublicationId[]
}

/**
 * Reads and checks files against each other and against the templates that are published.
 * @throws Refusal 422 with every problem, its file, line and column
 */
export async function checkFiles(
  executor: Executor,
  files: readonly SourceFile[],
  rules: Pick<EngineRules, 'company' | 'topics' | 'policy'>,
  outbound: Outbound,
): Promise<CheckedFiles> {
  const all = await withPublishedTemplates(executor, files)
  const parsed = parseCadenceSet(all)
  if (!parsed.ok) throw invalidFiles(parsed.problems)
  requirePublishable(parsed, rules, outbound)
  const given = new Set(files.map(({ path }) => path))
  const templates = parsed.templates.filter((template) =>
    filesAround(template).some((path) => given.has(path)),
  )
  return { cadences: parsed.cadences, templates, known: parsed.templates, files: all }
}

/** Compiles what takes long, before any transaction. @throws Refusal 422 */
export async function prepareFiles(
  executor: Executor,
  files: readonly SourceFile[],
): Promise<void> {
  const all = await withPublishedTemplates(executor, files)
  const parsed = parseCadenceSet(all)
  if (!parsed.ok) throw invalidFiles(parsed.problems)
  const problems = await compileLayouts(parsed.templates, all)
  if (problems.length > 0) throw invalidFiles(problems)
}

/**
 * Publishes files that `prepareFiles` has seen, and decides what becomes of the leads under way.
 * @throws Refusal 409 when somebody else has published meanwhile, 422 when they are not fit
 */
export async function publishFiles(
  trx: Executor,
  checked: CheckedFiles,
  request: PublishRequest,
  { who, now }: { readonly who: string; readonly now: Instant },
): Promise<PublishedFilesResult> {
  await requireExpected(trx, request.expect)
  const published = await publish(trx, checked, who, now)
  for (const { name, version, changed } of published.templates) {
    if (request.unsent === 'new') await unpinTemplate(trx, name)
    else if (changed && version > 1) await pinBefore(trx, name, version)
  }
  const publications: PublicationId[] = []
  // Beside what has changed the others are left alone; by themselves they may be moved later.
  const some = published.cadences.some(({ changed }) => changed)
  const concerned = published.cadences.filter(
    ({ changed }) => changed || (!some && request.policy !== 'pin'),
  )
  for (const { name, version } of concerned) {
    const wanted = { cadence: name, version, policy: request.policy }
    publications.push(await beginPublication(trx, wanted, who, now))
  }
  const names = published.cadences.map(({ name }) => name)
  const templates = published.templates.filter(({ changed }) => changed).map(({ name }) => name)
  const { policy, unsent } = request
  const details = { names, templates, policy, unsent }
  await audit(trx, { who, action: 'publish', leadId: null, at: now, details })
  return { ...published, publications }
}

async function requireExpected(trx: Executor, expect: PublishRequest['expect']): Promise<void> {
  for (const [name, version] of Object.entries(expect)) {
    const current = (await currentVersionNumber(trx, name)) ?? 0
    if (current === version) continue
    throw new Refusal(
      409,
      'published_meanwhile',
      `The cadence ${name} was published meanwhile: it is at version ${current} now.`,
      'Look again at what publishing would change, then decide anew.',
    )
  }
}

/** Leads under way keep the words of the version before. */
async function pinBefore(trx: Executor, template: string, version: number): Promise<void> {
  const before = await trx
    .selectFrom('template_versions')
    .select('id')
    .where('name', '=', template)
    .where('version', '=', version - 1)
    .executeTakeFirstOrThrow()
  await pinTemplate(trx, template, before.id, await versionsUsing(trx, template))
}

/** A cadence alone is checked against the templates that are published already. */
async function withPublishedTemplates(
  executor: Executor,
  given: readonly SourceFile[],
): Promise<SourceFile[]> {
  const paths = new Set(given.map(({ path }) => path))
  const kept = (await publishedFiles(executor, null)).filter(
    ({ path }) => path.startsWith('templates/') && !paths.has(path),
  )
  return [...kept, ...given]
}

function invalidFiles(problems: readonly Problem[]): Refusal {
  const [first] = problems
  return new Refusal(
    422,
    'invalid_cadence',
    first === undefined ? 'The files are not valid.' : describeProblem(first),
    first?.fix ?? 'Run `rekindle cadence validate FILE`.',
    {
      problems: problems.map(({ file, line, column, message, fix }) => ({
        field: `${file}:${line}:${column}`,
        message,
        fix,
      })),
    },
  )
}
