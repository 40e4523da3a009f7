import { type Problem, suggest } from '../cadence/problems.ts'
import {
  FILTER_NAMES,
  NOTHING_TO_PRINT,
  prepare,
  readLiquidError,
  type UsedVariable,
} from './liquid.ts'
import type { Template, TemplateSource, TemplateText } from './types.ts'
import { TEMPLATE_VARIABLES } from './types.ts'

/** What is wrong with a template's Liquid, in all of its variants: tags, filters, variables. */
export function checkTemplate(template: Template): readonly Problem[] {
  return [template.standard, ...Object.values(template.variants)].flatMap(checkSource)
}

/** What is wrong with the Liquid of one file. */
export function checkSource(source: TemplateSource): readonly Problem[] {
  return textsOf(source).flatMap((text) => checkText(source.file, text))
}

/** The problem behind an error that rendering `text` threw; errors not of Liquid are thrown on. */
export function problemOfError(file: string, text: TemplateText, error: unknown): Problem {
  const { message, line, column } = readLiquidError(error)
  const place = placeIn(text, line, column)
  const variable = /^undefined variable: (.+)$/.exec(message)?.[1]
  if (variable !== undefined) return unknownVariable(file, place, variable.split('.'))
  if (message === NOTHING_TO_PRINT) {
    const words = `${printedAt(text, line, column)} is empty for this lead, and has no default.`
    return { file, ...place, code: 'empty_value', message: words, fix: DEFAULT_FIX }
  }
  const filter = /^undefined filter: (.+)$/.exec(message)?.[1]
  return {
    file,
    ...place,
    code: 'template_syntax',
    message:
      filter === undefined
        ? `This is not valid Liquid: ${message}.`
        : `There is no filter "${filter}".`,
    fix:
      filter === undefined
        ? 'Check the braces, quotes and the end of each {% if %} and {% for %}.'
        : suggest(filter, FILTER_NAMES),
  }
}

/** The variable that is printed at a place, in the template's words. */
function printedAt(text: TemplateText, line: number, column: number): string {
  const found = prepare(text).variables.find(
    (used) => used.line > line || (used.line === line && used.column >= column),
  )
  return found === undefined ? 'A value' : `"${found.path.join('.')}"`
}

const DEFAULT_FIX =
  'Give it one, {{ lead.firstName | default: "there" }}, or ask first, {% if lead.firstName %}.'

function textsOf(source: TemplateSource): readonly TemplateText[] {
  if (source.channel === 'sms') return [source.body]
  return [source.subject, ...(source.preheader === null ? [] : [source.preheader]), source.body]
}

/** What is wrong with the Liquid of one text. */
export function checkText(file: string, text: TemplateText): readonly Problem[] {
  try {
    return prepare(text).variables.flatMap((variable) => checkVariable(file, text, variable))
  } catch (error) {
    return [problemOfError(file, text, error)]
  }
}

function checkVariable(
  file: string,
  text: TemplateText,
  { path, line, column }: UsedVariable,
): readonly Problem[] {
  const [root, name, attribute, ...rest] = path
  const isAttribute = root === 'lead' && name === 'attributes'
  const known = typeof root === 'string' ? ownList(root) : []
  const isKnown = typeof name === 'string' && known.includes(name)
  const isWhole = isAttribute
    ? typeof attribute === 'string' && rest.length === 0
    : attribute === undefined
  if (isKnown && isWhole) return []
  const place = placeIn(text, line, column)
  return [
    unknownVariable(
      file,
      place,
      path.map((part) => part ?? '[…]'),
    ),
  ]
}

function unknownVariable(
  file: string,
  place: { readonly line: number; readonly column: number },
  path: readonly string[],
): Problem {
  const message = `There is no variable "${path.join('.')}".`
  return { file, ...place, code: 'unknown_variable', message, fix: variableFix(path) }
}

function variableFix([root = '', name, ...rest]: readonly string[]): string {
  const known = ownList(root)
  if (known.length === 0) {
    const all = Object.entries(TEMPLATE_VARIABLES).flatMap(([owner, names]) =>
      names.map((each) => `${owner}.${each}`),
    )
    const direct = all.find((each) => each.endsWith(`.${root}`))
    return direct === undefined
      ? suggest(root, Object.keys(TEMPLATE_VARIABLES))
      : `Did you mean "${direct}"?`
  }
  if (root === 'lead' && name === 'attributes')
    return 'Write one name, such as lead.attributes.plan.'
  if (name !== undefined && known.includes(name)) return `Write "${root}.${name}" alone.`
  const options = known.map((each) => `${root}.${each}`)
  const fix = suggest([root, name, ...rest].filter(Boolean).join('.'), options)
  return root === 'lead' ? `${fix} Fields of your own are lead.attributes.<name>.` : fix
}

function ownList(root: string): readonly string[] {
  return Object.hasOwn(TEMPLATE_VARIABLES, root) ? (TEMPLATE_VARIABLES[root] ?? []) : []
}

/** A place that counts from the beginning of a text, as one that counts from its file's. */
function placeIn(text: TemplateText, line: number, column: number) {
  return {
    line: text.line + line - 1,
    column: line === 1 ? text.column + column - 1 : column,
  }
}
