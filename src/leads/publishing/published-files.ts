import type { Cadence } from '../../domain/cadence/types.ts'
import { callToActionText } from '../../domain/templates/call-to-action.ts'
import type { SourceFile } from '../../domain/templates/parse.ts'
import { COMPUTED_FILE } from '../../domain/templates/shared-files.ts'
import { filesAround, type Template, type TemplateSource } from '../../domain/templates/types.ts'
import { templateKey } from '../../store/company/templates.ts'
import type { Executor } from '../../store/executor.ts'

/**
 * What is published, as the files it can be published from again: everything, or one cadence
 * with the templates that its steps use.
 */
export async function publishedFiles(
  executor: Executor,
  cadence: string | null,
): Promise<SourceFile[]> {
  const cadences = await executor
    .selectFrom('cadences')
    .innerJoin('cadence_versions', 'cadence_versions.id', 'cadences.current_version_id')
    .select(['cadences.name', 'cadence_versions.source', 'cadence_versions.definition'])
    .$if(cadence !== null, (rows) => rows.where('cadences.name', '=', cadence ?? ''))
    .orderBy('cadences.name')
    .execute()
  const used = new Set(cadences.flatMap(({ definition }) => templatesOf(definition as Cadence)))
  const rows = await executor
    .selectFrom('templates')
    .innerJoin('template_versions', 'template_versions.id', 'templates.current_version_id')
    .select(['templates.name', 'source', 'files', 'published_at'])
    .orderBy('templates.name')
    .execute()
  const templates = rows.filter(({ name }) => cadence === null || used.has(name))
  // Written by publish() from a parsed template: it needs no second check.
  const parsed = templates.map(({ source }) => JSON.parse(source) as Template)
  return [
    ...cadences.map(({ name, source }) => ({ path: `cadences/${name}.yaml`, text: source })),
    // What several messages share stands as it was published last.
    ...once([
      ...templates.toSorted((a, b) => b.published_at - a.published_at).flatMap(templateFiles),
      ...computedFile(parsed),
    ]).sort((a, b) => (a.path < b.path ? -1 : 1)),
  ]
}

function once(files: readonly SourceFile[]): SourceFile[] {
  return files.filter(({ path }, index) => files.findIndex((each) => each.path === path) === index)
}

/** The files of one published version of a template. */
export function templateFiles({
  files,
  source,
}: {
  readonly files: readonly SourceFile[] | null
  readonly source: string
}): readonly SourceFile[] {
  // Written by publish() from a parsed template: it needs no second check.
  return files ?? filesOf(JSON.parse(source) as Template)
}

/** All files of a template, byte for byte where they are at hand. */
export function filesAsWritten(
  template: Template,
  files: readonly SourceFile[],
): readonly SourceFile[] {
  const known = once([...files, ...filesOf(template), ...computedFile([template])])
  const paths = new Set(filesAround(template))
  return known.filter(({ path }) => paths.has(path))
}

/** The templates that a cadence's steps use, by their keys. */
export function templatesOf({ steps }: Cadence): string[] {
  return steps.flatMap((step) =>
    step.kind === 'message' ? [templateKey(step.channel, step.template)] : [],
  )
}

function filesOf(template: Template): SourceFile[] {
  return sourcesOf(template).flatMap((source) => [
    ...layoutFiles(source),
    ...snippetFiles(source),
    { path: source.file, text: textOf(source) },
  ])
}

function snippetFiles({ uses }: TemplateSource): SourceFile[] {
  return Object.values(uses?.snippets ?? {}).map(({ file, text }) => ({
    path: file,
    text: `${text}\n`,
  }))
}

/** The company's computed fields, as far as a published message uses them, in their order. */
function computedFile(templates: readonly Template[]): SourceFile[] {
  const fields = templates.flatMap((template) =>
    sourcesOf(template).flatMap(({ uses }) => Object.entries(uses?.computed ?? {})),
  )
  const byName = new Map(fields.toSorted(([, a], [, b]) => a.line - b.line))
  if (byName.size === 0) return []
  const lines = [...byName].map(([name, { text }]) => `${name}: ${text}\n`)
  return [{ path: COMPUTED_FILE, text: lines.join('') }]
}

function sourcesOf(template: Template): readonly TemplateSource[] {
  return [template.standard, ...Object.values(template.variants)]
}

/** Several messages may share one; it is told once. */
function layoutFiles(source: TemplateSource): SourceFile[] {
  const layout = source.channel === 'email' ? source.layout : null
  return layout == null ? [] : [{ path: layout.file, text: layout.mjml }]
}

function textOf(source: TemplateSource): string {
  if (source.channel === 'sms') return source.body.text
  const preheader = source.preheader === null ? '' : `preheader: ${source.preheader.text}\n`
  const layout = source.layout == null ? '' : `layout: ${source.layout.name}\n`
  const cta = source.cta === undefined ? '' : `cta: ${callToActionText(source.cta)}\n`
  const head = `subject: ${source.subject.text}\n${preheader}${layout}${cta}`
  return `---\n${head}---\n${source.body.text}`
}
