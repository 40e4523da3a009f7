import type { Document, Pair } from 'yaml'
import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Problem } from './problems.ts'

/** A line and a column, both counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export type YamlPath = readonly PropertyKey[]

/** YAML text as plain values, with the way back from a value's path to its place in the file. */
export interface YamlSource {
  readonly file: string
  readonly value: unknown
  /** Where the value at `path` stands; for one that is missing, where its parent does. */
  readonly placeOf: (path: YamlPath) => Place
  /** Where the key itself stands, rather than its value. */
  readonly placeOfKey: (path: YamlPath) => Place
}

export type YamlReading =
  | { readonly ok: true; readonly source: YamlSource }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * Reads one YAML document. `firstLine` is the line of the file on which `text` begins, for YAML
 * that stands inside another file. Keys given twice and aliases that explode are refused.
 */
export function readYaml(file: string, text: string, firstLine = 1): YamlReading {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line) + firstLine - 1, column: Math.max(1, col) }
  }
  const problem = (offset: number, message: string): Problem => ({
    file,
    ...place(offset),
    code: 'syntax',
    message: `This is not valid YAML: ${sentence(message)}`,
    fix: 'Check the indentation, the quotes and the colons on this line and the one above.',
  })
  const [flaw] = [...document.errors, ...document.warnings]
  if (flaw !== undefined) return { ok: false, problems: [problem(flaw.pos[0], flaw.message)] }

  const value = plainValue(document)
  if (!value.ok) return { ok: false, problems: [problem(0, value.because)] }
  return {
    ok: true,
    source: {
      file,
      value: value.value,
      placeOf: (path) => place(offsetOfValue(document, path)),
      placeOfKey: (path) => place(offsetOfKey(document, path)),
    },
  }
}

type PlainValue =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly because: string }

/** Resolving aliases may fail (too many of them), which the library tells by throwing. */
function plainValue(document: Document.Parsed): PlainValue {
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: 20 }) }
  } catch (error) {
    return { ok: false, because: error instanceof Error ? error.message : 'unreadable' }
  }
}

function offsetOfValue(document: Document.Parsed, path: YamlPath): number {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

function offsetOfKey(document: Document.Parsed, path: YamlPath): number {
  const parent = document.getIn(path.slice(0, -1), true)
  const key = path.at(-1)
  const pair = isMap(parent) ? parent.items.find((item) => hasKey(item, key)) : undefined
  if (isPair(pair) && isNode(pair.key) && pair.key.range) return pair.key.range[0]
  return offsetOfValue(document, path)
}

function hasKey(pair: Pair, key: PropertyKey | undefined): boolean {
  return isScalar(pair.key) && String(pair.key.value) === String(key)
}

function sentence(message: string): string {
  const trimmed = message.trim().replace(/\.?$/, '.')
  return trimmed.charAt(0).toLowerCase() + trimmed.slice(1)
}
