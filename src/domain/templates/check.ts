import { type Problem, suggest } from '../cadence/file/problems.ts'
import {
  FILTER_NAMES,
  NOTHING_TO_PRINT,
  prepare,
  readLiquidError,
  type UsedVariable,
} from './liquid.ts'
import { callProblem, isRootVariable } from './shared-check.ts'
import type { SharedFiles } from './shared-files.ts'
import { TEMPLATE_VARIABLES, type TemplateSource, type TemplateText, textsOf } from './types.ts'

/** What is wrong with the Liquid of one message: tags, filters, variables, what it shares. */
export function checkSource(source: TemplateSource, shared: SharedFiles): readonly Problem[] {
  const names = {
    computed: shared.computed.map(({ name }) => name),
    cta: source.channel === 'email' && source.cta?.kind === 'button',
  }
  return textsOf(source).flatMap((text) => {
    const problems = checkText(source.file, text, names)
    return [...problems, ...checkCalls(source.file, text, shared)]
  })
}

/** What is wrong in the files that messages share, whether one takes them or not. */
export function checkShared(shared: SharedFiles): readonly Problem[] {
  const computed = shared.computed.map(({ name }) => name)
  return [
    ...shared.snippets.flatMap(({ text }) => [
      ...checkText(text.file, text, { computed, parameters: true }),
      ...checkCalls(text.file, text, shared),
    ]),
    // A field speaks of those above it, so that none ever waits for itself.
    ...shared.computed.flatMap(({ text }, index) => [
      ...checkText(text.file, text, { computed: computed.slice(0, index) }),
      ...checkCalls(text.file, text, shared),
    ]),
  ]
}

/** Which names a text may use besides the variables of every message. */
export interface KnownNames {
  readonly computed?: readonly string[]
  /** A call to action is declared, whose place {{ cta }} is. */
  readonly cta?: boolean
  /** Unknown names are values that a snippet is given. */
  readonly parameters?: boolean
}

function checkCalls(file: string, text: TemplateText, shared: SharedFiles): readonly Problem[] {
  try {
    return prepare(text).calls.flatMap((call) => {
      const place = { file, ...placeIn(text, call.line, call.column) }
      return callProblem(place, call, shared) ?? []
    })
  } catch {
    // Text that cannot be parsed is told once, by checkText.
    return []
  }
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

/** What is wrong with the Liquid of one text. */
export function checkText(
  file: string,
  text: TemplateText,
  names: KnownNames = {},
): readonly Problem[] {
  try {
    return prepare(text).variables.flatMap((variable) => checkVariable(file, text, variable, names))
  } catch (error) {
    return [problemOfError(file, text, error)]
  }
}

function checkVariable(
  file: string,
  text: TemplateText,
  { path, line, column }: UsedVariable,
  names: KnownNames,
): readonly Problem[] {
  const [root, name, attribute, ...rest] = path
  if (names.parameters === true && !isRootVariable(root ?? '')) return []
  if (root === 'computed' || root === 'cta') {
    return checkOwnName(file, placeIn(text, line, column), path, names)
  }
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

/** {{ computed.greeting }}, which the company defines, and {{ cta }}, which the head does. */
function checkOwnName(
  file: string,
  place: { readonly line: number; readonly column: number },
  path: readonly (string | null)[],
  { computed = [], cta = false }: KnownNames,
): readonly Problem[] {
  const [root, name, ...rest] = path
  const words = path.map((part) => part ?? '[…]').join('.')
  const message = `There is no variable "${words}".`
  const problem = (fix: string): readonly Problem[] => [
    { file, ...place, code: 'unknown_variable', message, fix },
  ]
  if (root === 'cta') {
    if (cta && name === undefined) return []
    return problem(
      cta ? 'Write "cta" alone.' : 'Declare it in the head: "cta: [Pick a time](https://…)".',
    )
  }
  if (typeof name === 'string' && computed.includes(name) && rest.length === 0) return []
  const options = computed.map((each) => `computed.${each}`)
  return problem(
    options.length === 0
      ? 'Define it in templates/computed.liquid, as a line "name: Liquid"; a field knows those above it.'
      : suggest(words, options),
  )
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
