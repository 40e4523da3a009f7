import { nearest, type Problem } from '../cadence/file/problems.ts'
import { prepare } from './liquid.ts'
import { type SharedFiles, type Snippet, snippetFor, unknownSnippet } from './shared-files.ts'
import type { SnippetCall } from './snippet-tag.ts'
import { TEMPLATE_VARIABLES, type TemplateText } from './types.ts'

const ROOTS = [...Object.keys(TEMPLATE_VARIABLES), 'computed', 'cta']

/** True for what every message can speak of; anything else in a snippet is given to it. */
export function isRootVariable(name: string): boolean {
  return ROOTS.includes(name)
}

/** What is wrong with one {% render %}: the snippet, what it is given, or that it never ends. */
export function callProblem(
  place: Pick<Problem, 'file' | 'line' | 'column'>,
  { name, given }: SnippetCall,
  shared: SharedFiles,
): Problem | null {
  const snippet = snippetFor(shared, name, [])
  if (snippet === null) {
    const elsewhere = shared.snippets.find((each) => each.name === name)
    if (elsewhere === undefined) return unknownSnippet(place, name, shared)
    const message = `The snippet "${name}" is there in "${elsewhere.language}" alone.`
    const fix = `Add templates/snippets/${name}.liquid for everybody else.`
    return { ...place, code: 'unknown_snippet', message, fix }
  }
  if (rendersItself(snippet, shared, new Set([name]))) {
    const message = `The snippet "${name}" renders itself, over others or at once.`
    const fix = 'Take one {% render %} out.'
    return { ...place, code: 'snippet_loop', message, fix }
  }
  const wanted = parametersOf(snippet.text)
  const missing = wanted.find((each) => !given.includes(each))
  if (missing !== undefined) {
    const message = `The snippet "${name}" asks for "${missing}", which is not given here.`
    const meant = nearest(missing, ROOTS)
    const else_ = meant === null ? '' : ` If the snippet means "${meant}", correct it there.`
    const fix = `Write {% render 'snippets/${name}', ${missing}: … %}.${else_}`
    return { ...place, code: 'unknown_variable', message, fix }
  }
  const unknown = given.find((each) => !wanted.includes(each))
  if (unknown === undefined) return null
  const message = `The snippet "${name}" takes no "${unknown}".`
  const fix = wanted.length === 0 ? 'Leave it out.' : `It takes: ${wanted.join(', ')}.`
  return { ...place, code: 'unknown_variable', message, fix }
}

/** The names that a snippet is to be given. */
function parametersOf(text: TemplateText): readonly string[] {
  const roots = safely(() => prepare(text).variables.map(({ path: [root] }) => root ?? ''))
  return [...new Set(roots)].filter((root) => !isRootVariable(root))
}

function rendersItself(
  { text }: Snippet,
  shared: SharedFiles,
  above: ReadonlySet<string>,
): boolean {
  return safely(() => prepare(text).calls).some(({ name }) => {
    if (above.has(name)) return true
    const inside = snippetFor(shared, name, [])
    return inside !== null && rendersItself(inside, shared, new Set([...above, name]))
  })
}

/** What cannot be parsed is told where it stands. */
function safely<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read()
  } catch {
    return []
  }
}
