import type { Problem } from '../../domain/cadence/file/problems.ts'
import {
  droppedLiquid,
  isLayoutFile,
  readLayout,
  toCompile,
} from '../../domain/templates/layout.ts'
import type { SourceFile } from '../../domain/templates/parse.ts'
import type { EmailLayout, EmailSource, Template } from '../../domain/templates/types.ts'

/** What each layout compiles to, by its source: publishing again compiles nothing anew. */
const compiled = new Map<string, Compiled>()
const MOST_KEPT = 200

type Compiled =
  | { readonly ok: true; readonly html: string }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * Compiles the layouts of templates, and those among `files` that no email uses yet, before any
 * transaction: only who publishes, checks or rehearses does, and only when there is one, because
 * MJML takes a second to load. Answers what is wrong with them.
 */
export async function compileLayouts(
  templates: readonly Template[],
  files: readonly SourceFile[] = [],
): Promise<readonly Problem[]> {
  const unused = files.filter(isLayoutFile).flatMap((file) => readLayout(file).layout ?? [])
  const layouts = new Map(
    [...unused, ...layoutsOf(templates)].map((layout) => [layout.mjml, layout]),
  )
  const problems: Problem[] = []
  for (const layout of layouts.values()) {
    const known = compiled.get(layout.mjml) ?? (await compile(layout))
    if (compiled.size >= MOST_KEPT) compiled.clear()
    compiled.set(layout.mjml, known)
    // One that was compiled before may stand in another file.
    if (!known.ok) problems.push(...known.problems.map((each) => ({ ...each, file: layout.file })))
  }
  return problems
}

/** The templates with the HTML of their layouts. @throws Error when they were not compiled. */
export function withLayouts(templates: readonly Template[]): readonly Template[] {
  return templates.map((template): Template => {
    if (template.channel !== 'email') return template
    const variants = Object.entries(template.variants).map(([variant, source]) => [
      variant,
      withLayout(source),
    ])
    return {
      ...template,
      standard: withLayout(template.standard),
      variants: Object.fromEntries(variants) as typeof template.variants,
    }
  })
}

function withLayout(source: EmailSource): EmailSource {
  const { layout } = source
  if (layout == null || layout.html !== null) return source
  const known = compiled.get(layout.mjml)
  if (known?.ok !== true) throw new Error('a layout is compiled before its templates are published')
  return { ...source, layout: { ...layout, html: { text: known.html, line: 1, column: 1 } } }
}

function layoutsOf(templates: readonly Template[]): readonly EmailLayout[] {
  return templates.flatMap((template) =>
    template.channel === 'email'
      ? [template.standard, ...Object.values(template.variants)].flatMap(
          ({ layout }) => layout ?? [],
        )
      : [],
  )
}

async function compile(layout: EmailLayout): Promise<Compiled> {
  const { default: mjml2html } = await import('mjml')
  const wrong = (line: number, message: string): Problem => ({
    file: layout.file,
    line,
    column: 1,
    code: 'layout_syntax',
    message: `${message}.`,
    fix: 'See https://documentation.mjml.io for what an element may hold.',
  })
  try {
    // No fonts from elsewhere: an email asks no other server for anything that was not written.
    const options = { validationLevel: 'soft', fonts: {}, ignoreIncludes: true } as const
    const { html, errors } = await mjml2html(toCompile(layout), options)
    const problems = errors.map(({ line, tagName, message }) =>
      wrong(line, `<${tagName}>: ${message}`),
    )
    const dropped = problems.length > 0 ? problems : droppedLiquid(layout, html)
    return dropped.length > 0 ? { ok: false, problems: dropped } : { ok: true, html }
  } catch (error) {
    const because = error instanceof Error ? error.message.split('\n')[0] : 'it is not MJML'
    return { ok: false, problems: [wrong(1, (because ?? '').replace(/\.$/, ''))] }
  }
}
