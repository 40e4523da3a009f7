import {
  inReadingOrder,
  type Problem,
  type ProblemCode,
  suggest,
} from '../cadence/file/problems.ts'
import { checksum } from '../cadence/versions/checksum.ts'
import { readCallToAction } from './call-to-action.ts'
import { checkShared, checkSource } from './check.ts'
import { readFileName, type TemplateFileName } from './file-name.ts'
import { isLayoutFile, readLayout, unknownLayout } from './layout.ts'
import { isSharedFile, readSharedFiles, type SharedFiles } from './shared-files.ts'
import type {
  EmailLayout,
  EmailSource,
  SmsSource,
  Template,
  TemplateOf,
  TemplateSource,
  TemplateText,
} from './types.ts'
import { usesOf } from './uses.ts'

/** A file by its path below the company's folder, with forward slashes. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

export type TemplatesParsing =
  | { readonly ok: true; readonly templates: readonly Template[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * Reads template files: `templates/<name>.md` for emails, `templates/<name>.sms.txt` for texts,
 * with variants for a dead reason and a language before the ending (`hello.competitor.es.md`),
 * `templates/layouts/<name>.mjml` for what stands around emails, and what messages share:
 * `templates/snippets/<name>.liquid` and `templates/computed.liquid`. Every variable, filter, tag
 * and snippet is checked, so that what parses also renders.
 */
export function parseTemplates(files: readonly SourceFile[]): TemplatesParsing {
  const layoutReadings = files.filter(isLayoutFile).map(readLayout)
  const layouts = layoutReadings.flatMap(({ layout }) => layout ?? [])
  const { shared, problems: sharedProblems } = readSharedFiles(files)
  const readings = files
    .filter((file) => !isLayoutFile(file) && !isSharedFile(file))
    .map((file) => ({ file, reading: readFile(file, layouts, shared) }))
  const named = readings.flatMap(({ file, reading }) =>
    reading.name === null ? [] : [{ file, name: reading.name, source: reading.source }],
  )
  const names = [...new Set(named.map(({ name }) => `${name.channel}:${name.name}`))].sort()
  const groups = names.map((key) =>
    named.filter(({ name }) => `${name.channel}:${name.name}` === key),
  )
  const problems = [
    ...layoutReadings.flatMap((reading) => reading.problems),
    ...sharedProblems,
    ...checkShared(shared),
    ...readings.flatMap(({ reading }) => reading.problems),
    ...groups.flatMap(withoutStandard),
  ]
  if (problems.length > 0) return { ok: false, problems: inReadingOrder(problems) }
  return { ok: true, templates: groups.flatMap((group) => toTemplate(group, shared) ?? []) }
}

interface FileReading {
  readonly name: TemplateFileName | null
  readonly source: TemplateSource | null
  readonly problems: readonly Problem[]
}

interface NamedFile {
  readonly file: SourceFile
  readonly name: TemplateFileName
  readonly source: TemplateSource | null
}

function readFile(
  file: SourceFile,
  layouts: readonly EmailLayout[],
  shared: SharedFiles,
): FileReading {
  const reading = readFileName(file.path)
  if (!reading.ok) {
    const problem = at(file, 1, 1, 'invalid_file_name', reading.message, reading.fix)
    return { name: null, source: null, problems: [problem] }
  }
  const { name } = reading
  const read = name.channel === 'email' ? readEmail(file, layouts) : readSms(file)
  const source = read.source && inLanguage(read.source, name.language)
  const problems = source === null ? [] : checkSource(source, shared)
  return { name, source, problems: [...read.problems, ...problems] }
}

function inLanguage<Source extends TemplateSource>(source: Source, language: string | null) {
  return language === null ? source : { ...source, language }
}

interface SourceReading {
  readonly source: TemplateSource | null
  readonly problems: readonly Problem[]
}

function readSms(file: SourceFile): SourceReading {
  const body = { text: normal(file.text), line: 1, column: 1 }
  const problems = emptyBody(file, body)
  return { source: { channel: 'sms', file: file.path, body }, problems }
}

const EMAIL_KEYS = ['subject', 'preheader', 'layout', 'cta']
const SUBJECT_FIX = 'Begin the file with a line "---", then "subject: …", then a line "---".'

/**
 * The head of an email is lines of `key: text`, taken as they stand up to their end. It is not
 * YAML: Liquid's own colons and quotes would have to be quoted there.
 */
function readEmail(file: SourceFile, layouts: readonly EmailLayout[]): SourceReading {
  const lines = normal(file.text).split('\n')
  const headEnd = lines[0]?.trimEnd() === '---' ? lines.indexOf('---', 1) : -1
  if (headEnd === -1) {
    const message = 'This email has no head with its subject.'
    return { source: null, problems: [at(file, 1, 1, 'missing_key', message, SUBJECT_FIX)] }
  }
  const head = lines.slice(1, headEnd).flatMap((line, index) => readHeadLine(line, index + 2))
  const problems = head.flatMap((entry, index) => headProblem(file, entry, head.slice(0, index)))
  const textOf = (key: string) => head.find((entry) => entry.key === key)?.value ?? null
  const subject = textOf('subject')
  const body = { text: lines.slice(headEnd + 1).join('\n'), line: headEnd + 2, column: 1 }
  if (subject === null || subject.text === '') {
    const message = 'This email has no subject.'
    const missing = at(file, subject?.line ?? 1, 1, 'missing_key', message, SUBJECT_FIX)
    return { source: null, problems: [...problems, missing] }
  }
  const preheader = textOf('preheader')
  const wanted = textOf('layout')
  const layout = layouts.find(({ name }) => name === wanted?.text) ?? null
  const noLayout =
    wanted !== null && layout === null
      ? [
          unknownLayout(
            file,
            wanted,
            layouts.map(({ name }) => name),
          ),
        ]
      : []
  const declared = textOf('cta')
  const reading = declared === null ? null : readCallToAction(declared)
  const noCta =
    declared === null || reading?.ok !== false
      ? []
      : [at(file, declared.line, declared.column, 'invalid_value', reading.message, reading.fix)]
  return {
    source: {
      channel: 'email',
      file: file.path,
      subject,
      preheader,
      body,
      ...(layout !== null && { layout }),
      ...(reading?.ok === true && { cta: reading.cta }),
    },
    problems: [...problems, ...noLayout, ...noCta, ...emptyBody(file, body)],
  }
}

interface HeadEntry {
  /** null when the line has no colon. */
  readonly key: string | null
  readonly value: TemplateText
}

function readHeadLine(line: string, number: number): readonly HeadEntry[] {
  if (line.trim() === '') return []
  const [whole, key] = /^\s*([A-Za-z-]+):\s*/.exec(line) ?? []
  if (whole === undefined || key === undefined) {
    return [{ key: null, value: { text: line, line: number, column: 1 } }]
  }
  const text = line.slice(whole.length).trimEnd()
  return [{ key, value: { text, line: number, column: whole.length + 1 } }]
}

function headProblem(
  file: SourceFile,
  { key, value }: HeadEntry,
  before: readonly HeadEntry[],
): readonly Problem[] {
  if (key === null) {
    const fix = 'Write "subject: …" or "preheader: …", each on one line.'
    return [at(file, value.line, 1, 'syntax', 'This line of the head has no key.', fix)]
  }
  if (!EMAIL_KEYS.includes(key)) {
    const message = `"${key}" is not a key of an email's head.`
    return [at(file, value.line, 1, 'unknown_key', message, suggest(key, EMAIL_KEYS))]
  }
  if (before.some((entry) => entry.key === key)) {
    const message = `"${key}" is there twice.`
    return [at(file, value.line, 1, 'duplicate_name', message, 'Keep one of them.')]
  }
  return []
}

function emptyBody(file: SourceFile, body: TemplateText): readonly Problem[] {
  if (body.text.trim() !== '') return []
  return [at(file, body.line, 1, 'missing_key', 'This message is empty.', 'Write its text.')]
}

function withoutStandard(group: readonly NamedFile[]): readonly Problem[] {
  const [first] = group
  if (first === undefined || group.some(({ name }) => name.variant === null)) return []
  const { channel, name } = first.name
  const standard = `templates/${name}.${channel === 'email' ? 'md' : 'sms.txt'}`
  const message = `"${name}" has variants, but no message for everybody else.`
  return [at(first.file, 1, 1, 'missing_default_variant', message, `Add ${standard}.`)]
}

function toTemplate(files: readonly NamedFile[], shared: SharedFiles): Template | null {
  const group = files.map(({ source, ...file }) => ({ ...file, source: withUses(source, shared) }))
  const [first] = group
  if (first === undefined) return null
  const sum = checksum(
    [...group]
      .sort((a, b) => (a.file.path < b.file.path ? -1 : 1))
      .map(({ file, source }) => `${file.path}\n${file.text}${textsAround(source)}`)
      .join('\n'),
  )
  const { name } = first.name
  return first.name.channel === 'email'
    ? ofChannel(name, sum, group, isEmail)
    : ofChannel(name, sum, group, isSms)
}

function withUses(source: TemplateSource | null, shared: SharedFiles): TemplateSource | null {
  const uses = source === null ? null : usesOf(source, shared)
  return source === null || uses === null ? source : { ...source, uses }
}

/** A changed layout, snippet or computed field makes a new version of every message that has it. */
function textsAround(source: TemplateSource | null): string {
  const layout = source?.channel === 'email' ? source.layout : null
  const { snippets = {}, computed = {} } = source?.uses ?? {}
  return [
    ...(layout == null ? [] : [layout.file, layout.mjml]),
    ...Object.values(snippets).flatMap(({ file, text }) => [file, text]),
    ...Object.entries(computed).flatMap(([name, { text }]) => [name, text]),
  ]
    .map((text) => `\n${text}`)
    .join('')
}

function ofChannel<Source extends TemplateSource>(
  name: string,
  sum: string,
  group: readonly NamedFile[],
  belongs: (source: TemplateSource | null) => source is Source,
): TemplateOf<Source> | null {
  const sources = group.flatMap((entry) =>
    belongs(entry.source) ? [{ variant: entry.name.variant, source: entry.source }] : [],
  )
  const standard = sources.find(({ variant }) => variant === null)?.source
  if (standard === undefined) return null
  const variants: Record<string, Source> = {}
  for (const { variant, source } of sources) if (variant !== null) variants[variant] = source
  return { channel: standard.channel, name, checksum: sum, standard, variants }
}

function isEmail(source: TemplateSource | null): source is EmailSource {
  return source?.channel === 'email'
}

function isSms(source: TemplateSource | null): source is SmsSource {
  return source?.channel === 'sms'
}

function normal(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
}

function at(
  file: SourceFile,
  line: number,
  column: number,
  code: ProblemCode,
  message: string,
  fix: string,
): Problem {
  return { file: file.path, line, column, code, message, fix }
}
