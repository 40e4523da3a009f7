import { type Problem, suggest } from '../cadence/file/problems.ts'
import { checkText } from './check.ts'
import { prepare, type RenderSession } from './liquid.ts'
import { escapeHtml } from './markdown.ts'
import type { SourceFile } from './parse.ts'
import type { EmailLayout, TemplateText } from './types.ts'

/**
 * Layouts of emails: MJML around the message, which is compiled to HTML when it is published. What
 * every email must say (15 U.S.C. 7704(a)(5), and RFC 8058's link for people) is demanded here,
 * where somebody can mend it, and not found missing when a lead's email is due.
 */

const FILE_NAME = /^templates\/layouts\/([a-z0-9]+(?:-[a-z0-9]+)*)\.mjml$/
/** What stands in a layout for the parts of a message, and the marks that hold their place. */
const SLOTS = { content: '\uE010', subject: '\uE011', preheader: '\uE012' } as const
type Slot = keyof typeof SLOTS
const SLOT = /\{\{-?\s*(content|subject|preheader)\s*-?\}\}/g
const DEMANDED = [
  { variable: 'company.name', what: 'who writes' },
  { variable: 'company.postalAddress', what: 'the postal address' },
  { variable: 'links.unsubscribe', what: 'the link to unsubscribe' },
] as const

/** True for the files that are layouts, however they are named. */
export function isLayoutFile({ path }: SourceFile): boolean {
  return path.endsWith('.mjml')
}

/** Reads and checks one layout; its HTML is made by whoever publishes it. */
export function readLayout(file: SourceFile): {
  readonly layout: EmailLayout | null
  readonly problems: readonly Problem[]
} {
  const name = FILE_NAME.exec(file.path)?.[1]
  if (name === undefined) {
    const fix = 'Name it templates/layouts/<name>.mjml, in small letters, digits and hyphens.'
    const message = 'This is no name for a layout.'
    return { layout: null, problems: [at(file, 1, 'invalid_file_name', message, fix)] }
  }
  const mjml = file.text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  // Slots are blanked, not cut out: places of problems stay those of the file.
  const text = mjml.replace(SLOT, (slot) => ' '.repeat(slot.length))
  const liquid = { text, line: 1, column: 1 }
  const problems = checkText(file.path, liquid)
  return {
    layout: { name, file: file.path, mjml, html: null },
    problems: problems.length > 0 ? problems : missing(file, mjml, liquid),
  }
}

function missing(file: SourceFile, mjml: string, liquid: TemplateText): readonly Problem[] {
  const used = new Set(prepare(liquid).variables.map(({ path }) => path.join('.')))
  const contents = [...mjml.matchAll(SLOT)].filter(([, slot]) => slot === 'content')
  const include = /<mj-include\b/.exec(mjml)
  return [
    ...(contents.length === 1
      ? []
      : [
          at(
            file,
            1,
            'layout_incomplete',
            contents.length === 0
              ? 'This layout has no place for the message.'
              : 'This layout has more than one place for the message.',
            'Write {{ content }} once, inside an <mj-text>.',
          ),
        ]),
    ...DEMANDED.filter(({ variable }) => !used.has(variable)).map(({ variable, what }) =>
      at(
        file,
        1,
        'layout_incomplete',
        `This layout lacks ${what}, which every email must carry.`,
        `Write {{ ${variable} }} where everybody sees it, in the footer.`,
      ),
    ),
    ...(include === null
      ? []
      : [
          at(
            file,
            lineAt(mjml, include.index),
            'layout_syntax',
            'A layout includes no other file.',
            'Write what it holds in its place.',
          ),
        ]),
  ]
}

/** What a compiler is given: slots as marks, which mean nothing to it. */
export function toCompile({ mjml }: EmailLayout): string {
  return mjml.replace(SLOT, (_, slot: Slot) => SLOTS[slot])
}

/** Liquid of a layout that is not in its HTML: MJML drops text between its elements. */
export function droppedLiquid(layout: EmailLayout, html: string): readonly Problem[] {
  const marks = /\{\{.*?\}\}|\{%.*?%\}|[\uE010-\uE012]/gs
  const source = toCompile(layout)
  return [...source.matchAll(marks)].flatMap(({ 0: mark, index }) => {
    if (html.includes(mark)) return []
    const shown = Object.entries(SLOTS).find(([, slot]) => slot === mark)?.[0]
    const message = `"${shown === undefined ? mark : `{{ ${shown} }}`}" does not reach the email.`
    const fix = 'Write it inside a text or an attribute, or between <mj-raw> and </mj-raw>.'
    const file = { path: layout.file, text: layout.mjml }
    return [at(file, lineAt(source, index), 'layout_syntax', message, fix)]
  })
}

/** The problem of an email that names a layout which is not there. */
export function unknownLayout(
  file: SourceFile,
  written: TemplateText,
  known: readonly string[],
): Problem {
  const message = `There is no layout "${written.text}".`
  const fix =
    known.length === 0
      ? `Add templates/layouts/${written.text}.mjml, or leave "layout" out.`
      : suggest(written.text, known)
  return {
    file: file.path,
    line: written.line,
    column: written.column,
    code: 'unknown_layout',
    message,
    fix,
  }
}

export interface LayoutParts {
  readonly contentHtml: string
  readonly subject: string
  readonly preheader: string | null
  /** HTML that goes before the end of the body. */
  readonly last: string
}

/** An email in its compiled layout. Values are escaped; only the message itself is HTML. */
export function inLayout(
  html: TemplateText,
  scope: object,
  session: RenderSession,
  parts: LayoutParts,
): string {
  const whole = session.release(session.held(html, scope), escapeHtml)
  const filled = whole
    .replaceAll(SLOTS.subject, () => escapeHtml(parts.subject))
    .replaceAll(SLOTS.preheader, () => escapeHtml(parts.preheader ?? ''))
    .replaceAll(SLOTS.content, () => parts.contentHtml.trim())
  return filled.replace(/<\/body>/i, (end) => `${parts.last}${end}`)
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

function at(
  file: SourceFile,
  line: number,
  code: Problem['code'],
  message: string,
  fix: string,
): Problem {
  return { file: file.path, line, column: 1, code, message, fix }
}
