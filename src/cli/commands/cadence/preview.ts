import { writeFileSync } from 'node:fs'
import { deadDetails, deadSchema } from '../../../api/schemas/dead.ts'
import { validated } from '../../../api/validate.ts'
import type { Cadence } from '../../../domain/cadence/types.ts'
import { engineRules } from '../../../domain/company/company.ts'
import type { Entry } from '../../../domain/preview/types.ts'
import { DAY_MS, type Instant, instant, parseInstant, plus, toIso } from '../../../domain/time.ts'
import { daysFrom, readCadence, reasonFrom } from '../../cadence-in-set.ts'
import { EXIT, type Exit } from '../../exit.ts'
import { previewPage } from '../../preview/page.tsx'
import { previewPost, withShipped } from '../../preview/preview-post.ts'
import { readPosts } from '../../preview/read-posts.ts'
import { readSettingsFile } from '../../preview/read-settings.ts'
import { previewJson, tellPreview } from '../../preview/tell.ts'
import { readWhatIf } from '../../preview/what-if.ts'
import { usageError } from '../../problem.ts'
import type { Terminal } from '../../terminal.ts'
import { rehearse } from '../rehearse.ts'

export interface CadencePreviewOptions {
  readonly lead: string
  readonly from?: string
  readonly days: string
  readonly dead?: string
  readonly import?: true
  readonly whatIf?: readonly string[]
  readonly html?: string
  readonly settings?: string
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
  const settings = readSettingsFile(options.settings, from)
  const rules = engineRules(settings)
  const { textPrices: prices } = settings
  const told = posts.map((post) =>
    previewPost(post, set, {
      entry: entryOf(set.cadence, options, from),
      ...span,
      whatIf,
      rules,
      prices,
    }),
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
  { lead, days, dead, settings, ...others }: CadencePreviewOptions,
): Promise<Exit> {
  for (const name of ['from', 'import', 'whatIf', 'html'] as const) {
    if (others[name] === undefined) continue
    throw usageError(
      `--real and --${name === 'whatIf' ? 'what-if' : name} do not go together.`,
      'A rehearsal begins now, with a form or a revival, and nobody answers. Leave one of them out.',
    )
  }
  return rehearse(terminal, args, {
    lead,
    days,
    ...(dead !== undefined && { dead }),
    ...(settings !== undefined && { settings }),
  })
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
