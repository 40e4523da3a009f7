import { z } from 'zod'
import { suggest } from '../domain/cadence/file/problems.ts'
import { type FieldProblem, Refusal } from '../leads/intake.ts'

/**
 * Reads a value by its schema.
 * @throws Refusal 422 with the field, what is wrong and what to write, for everything wrong
 */
export function validated<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, schema, value))
  const [first] = problems
  throw new Refusal(
    422,
    'invalid_body',
    first === undefined ? 'The request is not valid.' : `${first.field}: ${first.message}`,
    first?.fix ?? 'See /docs.',
    { problems },
  )
}

type Issue = z.core.$ZodIssue

function problemsOf(issue: Issue, schema: z.ZodType, value: unknown): FieldProblem[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    const known = keysOf(schemaAt(schema, path))
    return issue.keys.map((key) => ({
      field: [...path, key].join('.'),
      message: 'There is no such field.',
      fix: suggest(key, known),
    }))
  }
  const field = path.length === 0 ? 'body' : path.join('.')
  return [{ field, ...sentencesOf(issue, valueAt(value, path)) }]
}

function sentencesOf(issue: Issue, given: unknown): { message: string; fix: string } {
  switch (issue.code) {
    case 'invalid_type':
      return given === undefined
        ? { message: 'It is missing.', fix: `Add it, as ${article(issue.expected)}.` }
        : { message: 'It has the wrong type.', fix: `Write ${article(issue.expected)}.` }
    case 'invalid_value':
      return noneOf(issue.values.map(String), given)
    case 'invalid_union': {
      const known = 'options' in issue ? issue.options.map(String) : []
      if (known.length > 0) return noneOf(known, given)
      return {
        message: given === undefined ? 'It is missing.' : 'It fits none of the known forms.',
        fix: 'See the example of this request at /docs.',
      }
    }
    case 'too_small':
      return { message: 'It is too short or too small.', fix: `At least ${String(issue.minimum)}.` }
    case 'too_big':
      return { message: 'It is too long or too large.', fix: `At most ${String(issue.maximum)}.` }
    case 'invalid_format':
      return { message: 'It is written in another way than expected.', fix: formatFix(issue) }
    default:
      return { message: issue.message, fix: 'See the example of this request at /docs.' }
  }
}

function noneOf(known: readonly string[], given: unknown): { message: string; fix: string } {
  return {
    message: given === undefined ? 'It is missing.' : 'It is none of the known values.',
    fix: typeof given === 'string' ? suggest(given, known) : `Use one of: ${known.join(', ')}.`,
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  datetime: 'Write an instant with its offset, such as 2026-11-22T15:04:05Z.',
  date: 'Write a date such as 2026-11-22.',
  url: 'Write a whole address such as https://www.acme.example/quote.',
  email: 'Write an address such as name@example.com.',
  ipv4: 'Write an IP address.',
  ipv6: 'Write an IP address.',
}

function formatFix(issue: Extract<Issue, { code: 'invalid_format' }>): string {
  // A pattern of ours carries its own sentence.
  return FORMATS[issue.format] ?? issue.message
}

function article(type: string): string {
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`
}

/** The schema of the value at this path; null where it cannot be told. */
function schemaAt(schema: z.ZodType, path: readonly string[]): z.ZodType | null {
  const inner = unwrapped(schema)
  const [key, ...rest] = path
  if (key === undefined) return inner
  if (inner instanceof z.ZodObject) {
    const field: unknown = inner.shape[key]
    return field instanceof z.ZodType ? schemaAt(field, rest) : null
  }
  if (inner instanceof z.ZodArray && inner.element instanceof z.ZodType) {
    return schemaAt(inner.element, rest)
  }
  if (inner instanceof z.ZodDiscriminatedUnion) {
    const fields = inner.options.flatMap((option) =>
      option instanceof z.ZodType ? (schemaAt(option, path) ?? []) : [],
    )
    return fields[0] ?? null
  }
  return null
}

function keysOf(schema: z.ZodType | null): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape)
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const keys = schema.options.flatMap((option) =>
      option instanceof z.ZodObject ? Object.keys(option.shape) : [],
    )
    return [...new Set(keys)]
  }
  return []
}

function unwrapped(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    const inner: unknown = schema.unwrap()
    return inner instanceof z.ZodType ? unwrapped(inner) : schema
  }
  if (schema instanceof z.ZodDefault) {
    const inner: unknown = schema.unwrap()
    return inner instanceof z.ZodType ? unwrapped(inner) : schema
  }
  if (schema instanceof z.ZodPipe) {
    return schema.in instanceof z.ZodType ? unwrapped(schema.in) : schema
  }
  return schema
}

/** The value at this path, to tell what is missing from what is wrong. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  )
}
