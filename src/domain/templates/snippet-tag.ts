import {
  type Context,
  type Emitter,
  Hash,
  type Liquid,
  type Template as LiquidNode,
  Tag,
  type TagToken,
  TokenizationError,
  type TopLevelToken,
  toValueSync,
} from 'liquidjs'
import type { TemplateText } from './types.ts'

/** One {% render %} in a text: which snippet, with which values, and where. */
export interface SnippetCall {
  /** As it is written, without "snippets/": "signature". */
  readonly name: string
  readonly given: readonly string[]
  readonly line: number
  readonly column: number
}

/** Where the tag finds the text of a snippet, parsed. */
export interface SnippetSource {
  nodesOf(name: string): LiquidNode[] | null
}

/**
 * `{% render 'snippets/signature' %}`, with values: `{% render 'snippets/offer', what: dead.wanted
 * %}`. A snippet sees what its message sees, and nothing that was assigned there; Liquid's own tag
 * would see nothing at all.
 */
export class SnippetTag extends Tag {
  readonly call: SnippetCall
  readonly #given: Hash
  readonly #sourceOf: (globals: unknown) => SnippetSource

  constructor(
    token: TagToken,
    rest: TopLevelToken[],
    liquid: Liquid,
    sourceOf: (globals: unknown) => SnippetSource,
  ) {
    super(token, rest, liquid)
    this.#sourceOf = sourceOf
    const written = this.tokenizer.readQuoted()
    if (written === undefined) {
      throw new TokenizationError("render needs a name in quotes: 'snippets/signature'", token)
    }
    this.#given = new Hash(this.tokenizer)
    const [line = 1, column = 1] = token.getPosition()
    const name = written.content.replace(/^snippets\//, '')
    this.call = { name, given: Object.keys(this.#given.hash), line, column }
  }

  *render(ctx: Context, emitter: Emitter): Generator<unknown, void, unknown> {
    const nodes = this.#sourceOf(ctx.globals).nodesOf(this.call.name)
    if (nodes === null) throw new Error(`there is no snippet ${this.call.name}`)
    const given = (yield this.#given.render(ctx)) as object
    const inside = ctx.spawn({ ...(ctx.environments as object), ...given })
    yield this.liquid.renderer.renderTemplates(nodes, inside, emitter)
  }

  *arguments() {
    for (const value of Object.values(this.#given.hash)) if (value !== undefined) yield value
  }
}

/** Every snippet that parsed text renders, also inside conditions and loops. */
export function callsIn(nodes: readonly LiquidNode[]): readonly SnippetCall[] {
  return nodes.flatMap((node) => [
    ...(node instanceof SnippetTag ? [node.call] : []),
    ...(node.children === undefined
      ? []
      : callsIn(toValueSync(node.children(false, true)) as LiquidNode[])),
  ])
}

/** The texts that a rendering may take snippets from, as a source of their nodes. */
export function snippetSource(
  texts: Readonly<Record<string, TemplateText>>,
  parse: (text: TemplateText) => LiquidNode[],
): SnippetSource {
  return {
    nodesOf: (name) => {
      const text = Object.hasOwn(texts, name) ? texts[name] : undefined
      return text === undefined ? null : parse(text)
    },
  }
}
