import { z } from 'zod'
import { lintSet } from '../../domain/cadence/lint/lint.ts'
import { parseCadenceSet } from '../../domain/cadence/set.ts'
import { describeProblem, type Problem, suggest } from '../../domain/cadence/problems.ts'
import { templateSizes } from '../../domain/templates/text-sizes.ts'
import { filesAround } from '../../domain/templates/types.ts'
import { toIso } from '../../domain/time.ts'
import { viewPause } from '../../leads/cadence-pause.ts'
import { Refusal } from '../../leads/intake.ts'
import { compileLayouts } from '../../leads/layouts.ts'
import { requirePublishable } from '../../leads/publishable.ts'
import { publish } from '../../leads/publish.ts'
import { audit } from '../../store/audit.ts'
import { pausedCadences } from '../../store/cadence-pauses.ts'
import { publishedCadences } from '../../store/cadences.ts'
import type { HoldRow } from '../../store/holds.ts'
import type { Executor } from '../../store/executor.ts'
import { readSettings } from '../../store/settings.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'
import type { SourceFile } from '../../domain/templates/parse.ts'
import { publishedFiles } from '../../leads/published-files.ts'

const TAG = 'Cadences and templates'
const MOST_TEXT = 200_000

const publishSchema = z.strictObject({
  files: z
    .array(
      z.strictObject({
        path: z
          .string()
          .regex(
            /^(cadences|templates)\/[\w./-]+$/,
            'Write cadences/name.yaml or templates/name.md.',
          ),
        text: z.string().max(MOST_TEXT),
      }),
    )
    .min(1)
    .max(500),
})

/** Reading and publishing cadences and templates. */
export function cadenceRoutes(deps: ApiDeps): Api {
  const api = newApi()
  reading(api, deps)
  publishing(api, deps)
  return api
}

function reading(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: '/v1/cadences',
      tag: TAG,
      summary: 'List published cadences',
      answer: 'Names, versions, and whether each stands still.',
    },
    async () => {
      const rows = await deps.store.db
        .selectFrom('cadences')
        .innerJoin('cadence_versions', 'cadence_versions.id', 'cadences.current_version_id')
        .select(['cadences.name', 'title', 'version', 'checksum', 'published_at', 'published_by'])
        .orderBy('cadences.name')
        .execute()
      const paused = await pausedCadences(deps.store.db)
      return {
        body: {
          items: rows.map(({ published_at, published_by, ...row }) => ({
            ...row,
            publishedAt: toIso(published_at),
            publishedBy: published_by,
            paused: pauseOf(row.name, paused.get(row.name)),
          })),
        },
      }
    },
  )
  read(
    api,
    deps,
    {
      path: '/v1/cadences/:name',
      tag: TAG,
      summary: 'One cadence, as published',
      query: z.strictObject({ version: z.coerce.number().int().positive().optional() }),
      answer: 'Its source, what it was read as, and all its versions.',
    },
    async ({ c, query }) => ({
      body: await oneCadence(deps.store.db, c.req.param('name') ?? '', query.version),
    }),
  )
  read(
    api,
    deps,
    {
      path: '/v1/templates',
      tag: TAG,
      summary: 'List published templates',
      answer: 'Names and versions.',
    },
    async () => {
      const rows = await deps.store.db
        .selectFrom('templates')
        .innerJoin('template_versions', 'template_versions.id', 'templates.current_version_id')
        .select(['templates.name', 'version', 'checksum', 'published_at'])
        .orderBy('templates.name')
        .execute()
      return {
        body: {
          items: rows.map(({ name, published_at, ...row }) => ({
            ...splitKey(name),
            ...row,
            publishedAt: toIso(published_at),
          })),
        },
      }
    },
  )
  read(
    api,
    deps,
    {
      path: '/v1/files',
      tag: TAG,
      summary: 'The published cadences and templates as files',
      description:
        'With `cadence`, that cadence and the templates that it uses: what `cadence pull` writes.',
      query: z.strictObject({ cadence: z.string().max(100).optional() }),
      answer: 'Paths and texts.',
    },
    async ({ query }) => {
      if (query.cadence !== undefined) await oneCadence(deps.store.db, query.cadence, undefined)
      return { body: { files: await publishedFiles(deps.store.db, query.cadence ?? null) } }
    },
  )
}

function pauseOf(name: string, pause: HoldRow | undefined) {
  return pause === undefined ? null : viewPause(name, pause)
}

async function oneCadence(executor: Executor, name: string, version: number | undefined) {
  const rows = await executor
    .selectFrom('cadence_versions')
    .selectAll()
    .where('name', '=', name)
    .orderBy('version', 'desc')
    .execute()
  const row = version === undefined ? rows[0] : rows.find((each) => each.version === version)
  if (row === undefined) {
    const known = (await publishedCadences(executor)).map((each) => each.name)
    throw new Refusal(404, 'no_such_cadence', 'No such cadence is published.', suggest(name, known))
  }
  return {
    name: row.name,
    version: row.version,
    checksum: row.checksum,
    source: row.source,
    definition: row.definition,
    publishedAt: toIso(row.published_at),
    publishedBy: row.published_by,
    versions: rows.map((each) => ({
      version: each.version,
      checksum: each.checksum,
      publishedAt: toIso(each.published_at),
    })),
  }
}

function publishing(api: Api, deps: ApiDeps): void {
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/cadences',
      tag: TAG,
      summary: 'Publish cadences and templates',
      description:
        'Each text becomes a new immutable version, unless it is the current one already. Templates that are published may be left out. Leads under way keep the version they began with.',
      body: publishSchema,
      example: {
        files: [
          { path: 'cadences/hello.yaml', text: 'name: hello\ntitle: Hello\npurpose: nurture\n…' },
          {
            path: 'templates/hello/first.md',
            text: '---\nsubject: Hello\n---\nHello {{ lead.firstName }}',
          },
        ],
      },
      answer: 'What was published, and what was so already.',
      answerExample: {
        cadences: [{ name: 'hello', version: 1, changed: true }],
        templates: [],
        texts: [
          {
            template: 'hello/text',
            variant: null,
            first: { encoding: 'GSM-7', segments: 1, characters: 92, outsideGsm7: [] },
            later: { encoding: 'GSM-7', segments: 1, characters: 68, outsideGsm7: [] },
          },
        ],
        warnings: [],
      },
    },
    async (trx, { body, who, now, rules }) => {
      const files = await withPublishedTemplates(trx, body.files)
      const parsed = parseCadenceSet(files)
      if (!parsed.ok) throw invalidFiles(parsed.problems)
      requirePublishable(parsed, rules)
      const posted = new Set(body.files.map(({ path }) => path))
      // What came along for the check alone keeps its version.
      const templates = parsed.templates.filter((template) =>
        filesAround(template).some((path) => posted.has(path)),
      )
      const published = await publish(trx, { cadences: parsed.cadences, templates }, who, now)
      const names = published.cadences.map(({ name }) => name)
      await audit(trx, { who, action: 'publish', leadId: null, at: now, details: { names } })
      const { company } = await readSettings(trx)
      const { channels, publicUrl } = deps.config
      return {
        body: {
          ...published,
          texts: templateSizes(templates, company, publicUrl),
          warnings: lintSet(parsed.cadences, {
            templates: parsed.templates,
            rules: rules.policy,
            channels,
          }),
        },
      }
    },
    async ({ body }) => {
      const files = await withPublishedTemplates(deps.store.db, body.files)
      const parsed = parseCadenceSet(files)
      if (!parsed.ok) throw invalidFiles(parsed.problems)
      const problems = await compileLayouts(parsed.templates)
      if (problems.length > 0) throw invalidFiles(problems)
    },
  )
}

/** A cadence alone is checked against the templates that are published already. */
async function withPublishedTemplates(
  trx: Executor,
  posted: readonly SourceFile[],
): Promise<SourceFile[]> {
  const paths = new Set(posted.map(({ path }) => path))
  const kept = (await publishedFiles(trx, null)).filter(
    ({ path }) => path.startsWith('templates/') && !paths.has(path),
  )
  return [...kept, ...posted]
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

function splitKey(key: string): { channel: string; name: string } {
  const [channel = '', ...name] = key.split(':')
  return { channel, name: name.join(':') }
}
