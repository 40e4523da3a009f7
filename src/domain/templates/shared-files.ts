import { type Problem, suggest } from '../cadence/file/problems.ts'
import { canonicalLanguage } from '../language.ts'
import type { SourceFile } from './parse.ts'
import type { SharedText } from './types.ts'

/**
 * What messages share: snippets, `templates/snippets/<name>.liquid` (in another language
 * `<name>.es.liquid`), and computed fields, the lines of `templates/computed.liquid`.
 */
export interface SharedFiles {
  readonly snippets: readonly Snippet[]
  /** In the order of the file. */
  readonly computed: readonly ComputedField[]
}

export interface Snippet {
  readonly name: string
  /** null: the company's own language. */
  readonly language: string | null
  readonly text: SharedText
}

export interface ComputedField {
  readonly name: string
  readonly text: SharedText
}

export const COMPUTED_FILE = 'templates/computed.liquid'
const SNIPPET_NAME =
  /^templates\/snippets\/(?<name>[a-z0-9]+(?:-[a-z0-9]+)*)(?:\.(?<language>[A-Za-z0-9_-]+))?\.liquid$/

/** True for the files that are no message themselves. */
export function isSharedFile({ path }: SourceFile): boolean {
  return path.endsWith('.liquid')
}

/** Reads the shared files of a folder; their Liquid is checked where it is used. */
export function readSharedFiles(files: readonly SourceFile[]): {
  readonly shared: SharedFiles
  readonly problems: readonly Problem[]
} {
  const readings = files.filter(isSharedFile).map(readShared)
  return {
    shared: {
      snippets: readings.flatMap(({ snippets }) => snippets),
      computed: readings.flatMap(({ computed }) => computed),
    },
    problems: readings.flatMap(({ problems }) => problems),
  }
}

interface Reading extends SharedFiles {
  readonly problems: readonly Problem[]
}

const NOTHING: Reading = { snippets: [], computed: [], problems: [] }

function readShared(file: SourceFile): Reading {
  return file.path === COMPUTED_FILE ? readComputed(file) : readSnippet(file)
}

function readSnippet(file: SourceFile): Reading {
  const parts = SNIPPET_NAME.exec(file.path)?.groups
  const language = parts?.language === undefined ? null : canonicalLanguage(parts.language)
  const unknown = parts?.language !== undefined && language !== parts.language
  if (parts?.name === undefined || unknown) {
    const message = unknown
      ? `"${parts?.language}" is no language to have a snippet in.`
      : 'This is no name for a snippet.'
    const fix =
      language === null
        ? `Name it templates/snippets/<name>.liquid, or <name>.es.liquid; computed fields stand in ${COMPUTED_FILE}.`
        : `Did you mean "${language}"?`
    return { ...NOTHING, problems: [at(file, 1, 1, 'invalid_file_name', message, fix)] }
  }
  const text = normal(file.text).replace(/\n+$/, '')
  if (text.trim() === '') {
    const message = 'This snippet is empty.'
    return { ...NOTHING, problems: [at(file, 1, 1, 'missing_key', message, 'Write its text.')] }
  }
  const snippet = {
    name: parts.name,
    language,
    text: { file: file.path, text, line: 1, column: 1 },
  }
  return { ...NOTHING, snippets: [snippet] }
}

/** Lines of `name: Liquid`, taken as they stand; a line that begins with # says why. */
function readComputed(file: SourceFile): Reading {
  const computed: ComputedField[] = []
  const problems: Problem[] = []
  for (const [index, line] of normal(file.text).split('\n').entries()) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue
    const number = index + 1
    const [whole, name = '', text = ''] =
      /^([A-Za-z][A-Za-z0-9]*):[^\S\n]*(.*?)\s*$/.exec(line) ?? []
    if (whole === undefined || text === '') {
      const fix = 'Write "greeting: Hi {{ lead.firstName | default: "there" }}", each on one line.'
      problems.push(at(file, number, 1, 'syntax', 'This line makes no computed field.', fix))
    } else if (computed.some((each) => each.name === name)) {
      const message = `"${name}" is there twice.`
      problems.push(at(file, number, 1, 'duplicate_name', message, 'Keep one of them.'))
    } else {
      const column = line.indexOf(text, name.length + 1) + 1
      computed.push({ name, text: { file: file.path, text, line: number, column } })
    }
  }
  return { ...NOTHING, computed, problems }
}

/** The snippet in this language, else in the company's own. */
export function snippetFor(
  { snippets }: SharedFiles,
  name: string,
  languages: readonly string[],
): Snippet | null {
  const named = snippets.filter((each) => each.name === name)
  for (const language of [...languages, null]) {
    const found = named.find((each) => each.language === language)
    if (found !== undefined) return found
  }
  return null
}

/** The problem of a name that no snippet has. */
export function unknownSnippet(
  place: Pick<Problem, 'file' | 'line' | 'column'>,
  name: string,
  { snippets }: SharedFiles,
): Problem {
  const known = [...new Set(snippets.map((each) => each.name))]
  const fix = known.length === 0 ? `Add templates/snippets/${name}.liquid.` : suggest(name, known)
  return { ...place, code: 'unknown_snippet', message: `There is no snippet "${name}".`, fix }
}

function normal(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
}

function at(
  file: SourceFile,
  line: number,
  column: number,
  code: Problem['code'],
  message: string,
  fix: string,
): Problem {
  return { file: file.path, line, column, code, message, fix }
}
