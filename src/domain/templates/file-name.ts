import { suggest } from '../cadence/file/problems.ts'
import { canonicalLanguage } from '../language.ts'
import { DEAD_REASONS, type DeadReason } from '../lead.ts'
import type { Template } from './types.ts'

/** What the path of a message's file says: which message, on which channel, for whom. */
export interface TemplateFileName {
  readonly channel: Template['channel']
  readonly name: string
  /** "competitor", "es", "competitor.es"; null for everybody else. */
  readonly variant: string | null
  readonly language: string | null
}

export type FileNameReading =
  | { readonly ok: true; readonly name: TemplateFileName }
  | { readonly ok: false; readonly message: string; readonly fix: string }

const FILE_NAME =
  /^templates\/(?<name>[a-z0-9]+(?:[-/][a-z0-9]+)*)(?<variant>(?:\.[A-Za-z0-9_-]+)*?)\.(?<ending>md|sms\.txt)$/
const NAMING =
  'Name it templates/<cadence>/<message>.md or .sms.txt, in small letters, digits and hyphens.'

/**
 * Reads a path: `hello.md` is for everybody, `hello.competitor.md` for leads that are dead for a
 * reason, `hello.es.md` for those who read a language, `hello.competitor.es.md` for both.
 */
export function readFileName(path: string): FileNameReading {
  const parts = FILE_NAME.exec(path)?.groups
  if (parts?.name === undefined) return wrong('This is no name for a template.', NAMING)
  const channel = parts.ending === 'md' ? 'email' : 'sms'
  const variant = (parts.variant ?? '').split('.').slice(1)
  if (channel === 'email' && variant.at(-1) === 'sms') {
    return wrong('This is no name for a template.', `${NAMING} Texts end with .sms.txt.`)
  }
  const read = readVariant(variant)
  if (!read.ok) return read
  const key = [read.reason, read.language].filter((part) => part !== null).join('.')
  return {
    ok: true,
    name: {
      channel,
      name: parts.name,
      variant: key === '' ? null : key,
      language: read.language,
    },
  }
}

/** For whom a variant is, from its key. */
export function variantOf(key: string | null): {
  readonly reason: DeadReason | null
  readonly language: string | null
} {
  const read = readVariant(key === null ? [] : key.split('.'))
  return read.ok ? read : { reason: null, language: null }
}

type VariantReading =
  | { readonly ok: true; readonly reason: DeadReason | null; readonly language: string | null }
  | { readonly ok: false; readonly message: string; readonly fix: string }

function readVariant(parts: readonly string[]): VariantReading {
  const [first, second, ...more] = parts
  if (first === undefined) return { ok: true, reason: null, language: null }
  const reason = reasonNamed(first)
  const language = languageNamed(reason === null ? first : second)
  if (reason === null && language === null) return unknownVariant(first)
  if (reason !== null && second !== undefined && language === null) return unknownVariant(second)
  const rest = reason === null ? [second, ...more] : more
  if (rest.some((each) => each !== undefined)) {
    const swapped = reason === null && second !== undefined && reasonNamed(second) !== null
    return wrong(
      'A variant is for a dead reason, a language, or both.',
      swapped ? `Write the reason first: ".${second}.${first}".` : 'Leave the rest out.',
    )
  }
  return { ok: true, reason, language }
}

function reasonNamed(text: string): DeadReason | null {
  return DEAD_REASONS.find((each) => each === text) ?? null
}

/** Spelled as everybody else would find it, so that no lead misses its variant. */
function languageNamed(text: string | undefined): string | null {
  if (text === undefined) return null
  return canonicalLanguage(text) === text ? text : null
}

function unknownVariant(text: string): VariantReading {
  const language = canonicalLanguage(text)
  if (language !== null) return wrong(`"${text}" is no language.`, `Did you mean "${language}"?`)
  return wrong(
    `"${text}" is no dead reason to have a variant for, nor a language.`,
    suggest(text, DEAD_REASONS),
  )
}

function wrong(message: string, fix: string) {
  return { ok: false, message, fix } as const
}
