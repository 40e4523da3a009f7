import {
  Liquid,
  LiquidError,
  type Template as LiquidNode,
  type TagToken,
  type TopLevelToken,
} from 'liquidjs'
import { callsIn, type SnippetCall, SnippetTag, snippetSource } from './snippet-tag.ts'
import type { RenderedLink, TemplateText } from './types.ts'

/**
 * Liquid as templates get it: values, conditions and loops. No files, no clock, no chance, and
 * nothing that prints a value unescaped, so a rendering depends on the template and the context
 * alone and a lead's own words stay words. No `capture` either: it would capture marks (see
 * RenderSession) where an author expects values; `assign` with `append` does the same.
 */

const TAGS = [
  ...['assign', 'case', 'comment', 'if', 'unless', 'for', 'break', 'continue'],
  ...['echo', 'cycle', 'liquid', 'raw', '#', 'render'],
]

const FILTERS = [
  ...['default', 'append', 'prepend', 'capitalize', 'upcase', 'downcase'],
  ...['strip', 'lstrip', 'rstrip', 'squish', 'truncate', 'truncatewords'],
  ...['replace', 'replace_first', 'remove', 'remove_first', 'split', 'slice', 'url_encode'],
  ...['join', 'first', 'last', 'size', 'sort', 'uniq', 'compact', 'reverse', 'concat'],
  ...['array_to_sentence_string', 'plus', 'minus', 'times', 'divided_by', 'modulo'],
  ...['round', 'ceil', 'floor', 'abs', 'at_least', 'at_most'],
]
export const FILTER_NAMES: readonly string[] = [...FILTERS, 'link']

/** The message of the error when a template prints a value that is not there. */
export const NOTHING_TO_PRINT = 'there is nothing to print here'

/** Marks the place of a value in Markdown. Both are private-use characters: no value has them. */
const OPEN = '\uE000'
const CLOSE = '\uE001'
const HELD = /\uE000(\d+)\uE001/g
const MARKS = /[\uE000\uE001]/g

/**
 * One rendering. In Markdown, values are held back behind marks until it has become HTML: then
 * neither `*` nor `<` nor `[` in a lead's name means anything.
 */
export class RenderSession {
  readonly #linkFor: (url: string) => string
  readonly #held: Held[] = []
  readonly #links = new Map<string, RenderedLink>()
  readonly #own = new Map<'why', string>()
  readonly #snippets: Readonly<Record<string, TemplateText>>
  #holding = false

  constructor(
    linkFor: (url: string) => string,
    snippets: Readonly<Record<string, TemplateText>> = {},
  ) {
    this.#linkFor = linkFor
    this.#snippets = snippets
  }

  /** Where the texts of snippets are. */
  get snippets() {
    return snippetSource(this.#snippets, (text) => prepare(text).nodes)
  }

  /** Renders `text` with its values in place. Throws a LiquidError. */
  plain(text: TemplateText, scope: object): string {
    return this.#render(text, scope, false)
  }

  /** Renders `text` with marks for its values; `release` puts them in. Throws a LiquidError. */
  held(text: TemplateText, scope: object): string {
    return this.#render(text, scope, true)
  }

  /** Puts the held values into `text`, each as `write` gives it. */
  release(text: string, write: (value: string) => string = (value) => value): string {
    return text.replace(HELD, (_, index: string) => {
      const held = this.#held[Number(index)] ?? ''
      return held instanceof ReadyHtml ? held.html : write(held)
    })
  }

  /** What a value becomes where a template prints it. */
  print(value: unknown): string {
    if (value === null || value === undefined) throw new Error(NOTHING_TO_PRINT)
    const held = value instanceof ReadyHtml ? value : inWords(value)
    if (!this.#holding) return held instanceof ReadyHtml ? held.text : held
    return `${OPEN}${this.#held.push(held) - 1}${CLOSE}`
  }

  /** The address that replaces `url` in the message; the same one for the same url. */
  link(url: string): string {
    const known = this.#links.get(url)
    if (known !== undefined) return known.href
    const href = this.#linkFor(url)
    this.#links.set(url, { url, href })
    return href
  }

  /** An address of ours that a message speaks of, made once: its token is one for all its places. */
  ownLink(name: 'why', make: () => string): string {
    const known = this.#own.get(name) ?? make()
    this.#own.set(name, known)
    return known
  }

  get ownLinks(): { readonly why: string | null } {
    return { why: this.#own.get('why') ?? null }
  }

  /** True for an address that `link` gave: it is not to be replaced again. */
  isLinked(href: string): boolean {
    return this.links.some((link) => link.href === href)
  }

  get links(): readonly RenderedLink[] {
    return [...this.#links.values()]
  }

  #render(text: TemplateText, scope: object, holding: boolean): string {
    this.#holding = holding
    return String(engine.renderSync(prepare(text).nodes, scope, { globals: this }))
  }
}

/** HTML of our own making that a template may place, and what it is where there is none. */
export class ReadyHtml {
  readonly html: string
  readonly text: string

  constructor(html: string, text: string) {
    this.html = html
    this.text = text
  }
}

type Held = string | ReadyHtml

/** A value of the context that no mark can be mistaken for. */
export function withoutMarks<T>(value: T): T | string {
  return typeof value === 'string' ? value.replace(MARKS, '') : value
}

const engine = createEngine()

interface Prepared {
  readonly nodes: LiquidNode[]
  readonly variables: readonly UsedVariable[]
  /** The snippets that it renders itself. */
  readonly calls: readonly SnippetCall[]
}

/** A variable that a template takes from outside; `place` counts from its text's beginning. */
export interface UsedVariable {
  /** null stands for a part that is itself looked up, as in lead[x]. */
  readonly path: readonly (string | null)[]
  readonly line: number
  readonly column: number
}

/** Parsed once per text; what is parsed never changes. */
const prepared = new WeakMap<TemplateText, Prepared>()

/** Parses `text`. Throws a LiquidError. */
export function prepare(text: TemplateText): Prepared {
  const known = prepared.get(text)
  if (known !== undefined) return known
  const nodes = engine.parse(text.text)
  const { globals } = engine.analyzeSync(nodes, { partials: false })
  const variables = Object.values(globals)
    .flat()
    .map(({ segments, location }) => ({
      path: segments.map((part) => (typeof part === 'object' ? null : String(part))),
      line: location.row,
      column: location.col,
    }))
  const result = { nodes, variables, calls: callsIn(nodes) }
  prepared.set(text, result)
  return result
}

/** What is wrong and where, of an error that Liquid threw; other errors are thrown on. */
export function readLiquidError(error: unknown): {
  readonly message: string
  readonly line: number
  readonly column: number
} {
  if (!LiquidError.is(error)) throw error
  const [line = 1, column = 1] = error.token.getPosition()
  const message = error.message.replace(/, (file|line):.*$/s, '')
  return { message, line, column }
}

/** True for an error that Liquid threw in this very text. */
export function isErrorIn({ text }: TemplateText, error: unknown): boolean {
  return LiquidError.is(error) && error.token.input === text
}

function createEngine(): Liquid {
  const liquid = new Liquid({
    templates: {},
    strictFilters: true,
    strictVariables: true,
    ownPropertyOnly: true,
    outputEscape(this: { context: { globals: unknown } }, value: unknown) {
      return sessionOf(this.context.globals).print(value)
    },
  })
  liquid.registerFilter('link', function link(value: unknown) {
    if (typeof value !== 'string' || !/^https?:\/\/\S+$/i.test(value)) {
      throw new Error('link needs an address that begins with https:// or http://')
    }
    return sessionOf(this.context.globals).link(value)
  })
  liquid.registerTag(
    'render',
    class extends SnippetTag {
      constructor(token: TagToken, rest: TopLevelToken[], owner: Liquid) {
        super(token, rest, owner, (globals) => sessionOf(globals).snippets)
      }
    },
  )
  for (const tag of Object.keys(liquid.tags)) if (!TAGS.includes(tag)) delete liquid.tags[tag]
  for (const filter of Object.keys(liquid.filters)) {
    if (!FILTER_NAMES.includes(filter)) delete liquid.filters[filter]
  }
  return liquid
}

/** Lists print their parts one after the other, as Liquid does; anything else prints nothing. */
function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.map(inWords).join('')
  const isWord =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isWord ? String(value) : ''
}

function sessionOf(globals: unknown): RenderSession {
  if (globals instanceof RenderSession) return globals
  throw new Error('a template is rendered through a RenderSession')
}
