import type { Cadence } from '../domain/cadence/types.ts'
import type { SourceFile } from '../domain/templates/parse.ts'
import type { Template, TemplateSource } from '../domain/templates/types.ts'
import type { Executor } from '../store/executor.ts'
import { templateKey } from '../store/templates.ts'

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
  const templates = await executor
    .selectFrom('templates')
    .innerJoin('template_versions', 'template_versions.id', 'templates.current_version_id')
    .select(['templates.name', 'template_versions.source'])
    .orderBy('templates.name')
    .execute()
  return [
    ...cadences.map(({ name, source }) => ({ path: `cadences/${name}.yaml`, text: source })),
    ...templates
      .filter(({ name }) => cadence === null || used.has(name))
      // Written by publish() from a parsed template: it needs no second check.
      .flatMap(({ source }) => filesOf(JSON.parse(source) as Template))
      .filter(({ path }, index, all) => all.findIndex((each) => each.path === path) === index),
  ]
}

function templatesOf({ steps }: Cadence): string[] {
  return steps.flatMap((step) =>
    step.kind === 'message' ? [templateKey(step.channel, step.template)] : [],
  )
}

function filesOf(template: Template): SourceFile[] {
  const sources: TemplateSource[] = [template.standard, ...Object.values(template.variants)]
  return sources.flatMap((source) => [
    ...layoutFiles(source),
    { path: source.file, text: textOf(source) },
  ])
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
  return `---\nsubject: ${source.subject.text}\n${preheader}${layout}---\n${source.body.text}`
}
