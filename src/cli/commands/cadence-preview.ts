import { writeFileSync } from 'node:fs'
import { deadDetails, deadSchema } from '../../api/schemas/dead.ts'
import { validated } from '../../api/validate.ts'
import type { Cadence } from '../../domain/cadence/types.ts'
import { DEFAULT_SETTINGS, engineRules } from '../../domain/company.ts'
import { bestZone } from '../../domain/policy/index.ts'
import { previewCadence } from '../../domain/preview/preview.ts'
import type { Entry } from '../../domain/preview/types.ts'
import type { Template } from '../../domain/templates/types.ts'
import { DAY_MS, type Instant, instant, parseInstant, plus, toIso } from '../../domain/time.ts'
import { type CadenceInSet, daysFrom, readCadence, reasonFrom } from '../cadence-in-set.ts'
import { EXIT, type Exit } from '../exit.ts'
import { usageError } from '../problem.ts'
import { previewPage } from '../preview/page.tsx'
import { sampleLead } from '../preview/read-lead.ts'
import { type NamedPost, readPosts } from '../preview/read-posts.ts'
import { previewJson, tellPreview, type ToldPreview } from '../preview/tell.ts'
import { readWhatIf, type WhatIf, withoutPlace } from '../preview/what-if.ts'
import type { Terminal } from '../terminal.ts'
import { rehearse } from './rehearse.ts'

export interface CadencePreviewOptions {
  readonly lead: string
  readonly from?: string
  readonly days: string
  readonly dead?: string
  readonly import?: true
  readonly whatIf?: readonly string[]
  readonly html?: string
  readonly real?: true
}

/**
 * `rekindle cadence preview FILE --lead F`: what a lead would get and when, and why then, without
 * a server, in milliseconds. With --real the same by the real workflow: a rehearsal.
 */
export async function previewCadences(
  terminal: Terminal,
  args: readonly string[],
  options: CadencePreviewOptions,
): Promise<Exit> {
  const days = daysFrom(options.days)
  if (options.real) return rehearseInstead(terminal, args, options)
  const [wanted = ''] = args
  const from = fromText(options.from)
  const whatIf = readWhatIf(options.whatIf ?? [], from)
  const set = await withShipped(await readCadence(wanted))
  const posts = readPosts(options.lead, from)
  const span = { from, until: plus(from, days * DAY_MS) }
  const told = posts.map((post) =>
    previewOf(post, set, entryOf(set.cadence, options, from), span, whatIf),
  )
  const { name, title } = set.cadence
  terminal.answer({ cadence: name, from: toIso(from), days, leads: told.map(previewJson) })
  for (const each of told) tellPreview(terminal, each)
  if (options.html !== undefined) {
    writeFileSync(options.html, await previewPage({ title, previews: told }))
    terminal.note(`Written: ${options.html}`)
  }
  return EXIT.ok
}

function rehearseInstead(
  terminal: Terminal,
  args: readonly string[],
  { lead, days, dead, ...others }: CadencePreviewOptions,
): Promise<Exit> {
  for (const name of ['from', 'import', 'whatIf', 'html'] as const) {
    if (others[name] === undefined) continue
    throw usageError(
      `--real and --${name === 'whatIf' ? 'what-if' : name} do not go together.`,
      'A rehearsal begins now, with a form or a revival, and nobody answers. Leave one of them out.',
    )
  }
  return rehearse(terminal, args, { lead, days, ...(dead === undefined ? {} : { dead }) })
}

interface PreviewSet {
  readonly cadence: Cadence
  readonly cadences: readonly Cadence[]
  readonly templates: readonly Template[]
}

/** What ships stands in for the revival and check-in cadences that a folder does not have. */
async function withShipped({ cadence, files }: CadenceInSet): Promise<PreviewSet> {
  const shipped = (await readCadence(DEFAULT_SETTINGS.defaultCadence)).files
  const own = files.cadences.map((each) => each.cadence)
  const cadences = shipped.cadences
    .map((each) => each.cadence)
    .filter(({ name }) => !own.some((each) => each.name === name))
  const templates = shipped.templates.filter(
    ({ channel, name }) =>
      !files.templates.some((each) => each.channel === channel && each.name === name),
  )
  return {
    cadence: cadence.cadence,
    cadences: [...own, ...cadences],
    templates: [...files.templates, ...templates],
  }
}

function previewOf(
  { name, post }: NamedPost,
  set: PreviewSet,
  entry: Entry,
  { from, until }: { from: Instant; until: Instant },
  whatIf: WhatIf,
): ToldPreview {
  const rules = engineRules(DEFAULT_SETTINGS)
  const { person: known, lead } = sampleLead(post, from)
  const person = whatIf.unknownPlace ? withoutPlace(known) : known
  const preview = previewCadence({
    ...set,
    person,
    lead,
    entry,
    from,
    until,
    happenings: whatIf.happenings,
    rules,
    seeds: { lead: `preview ${name}`, episode: (n) => `preview ${name} ${n}` },
  })
  return { name, zone: bestZone(person, rules.policy).zone, from, preview }
}

/** A nurture begins with a form or an import; the others, with a lead that was dead. */
function entryOf(
  { purpose }: Cadence,
  options: Pick<CadencePreviewOptions, 'dead' | 'import'>,
  from: Instant,
): Entry {
  if (purpose === 'nurture' && options.dead === undefined) {
    return { kind: options.import ? 'import' : 'form' }
  }
  const reason = reasonFrom(options.dead)
  return { kind: 'revival', details: deadDetails(validated(deadSchema, { reason }), from) }
}

function fromText(text: string | undefined): Instant {
  if (text === undefined) return instant(Date.now())
  const at = parseInstant(text)
  if (at !== null) return at
  throw usageError(
    `--from ${text} is no instant.`,
    'Write an ISO 8601 time with its offset, such as 2026-11-23T15:00:00Z.',
  )
}
