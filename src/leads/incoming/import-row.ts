import { suggest } from '../../domain/cadence/file/problems.ts'
import { canonicalLanguage } from '../../domain/language.ts'
import { DEAD_REASONS, type DeadDetails, type DeadReason } from '../../domain/lead.ts'
import type { Channel, ConsentBasis } from '../../domain/policy/types.ts'
import { type Instant, instant } from '../../domain/time.ts'
import type { FieldProblem } from '../intake.ts'
import type { DeadBefore } from '../new-lead.ts'
import type { ConsentInput } from './consents.ts'
import type { Header, ImportColumn } from './import-columns.ts'
import type { Post } from './post.ts'

export interface ImportMode {
  readonly kind: 'enroll' | 'dead'
  /** The cadence for new leads; undefined: the default one. */
  readonly cadence: string | undefined
  /** Where the leads come from when a row does not say; "import" when absent. */
  readonly source: string | undefined
}

export type RowReading =
  | { readonly ok: true; readonly post: Post }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

/** Reads one row of an import; an empty cell says nothing. */
export function readRow(
  headers: readonly Header[],
  cells: readonly string[],
  mode: ImportMode,
  now: Instant,
): RowReading {
  const values = new Map<ImportColumn, string>()
  const attributes: Record<string, string> = {}
  for (const [index, header] of headers.entries()) {
    const value = cells[index]?.trim() ?? ''
    if (value === '') continue
    if (header.kind === 'column') values.set(header.column, value)
    else attributes[header.name] = value
  }
  const row = new Row(values)
  const post: Post = {
    lead: {
      externalId: row.text('externalId'),
      firstName: row.text('firstName'),
      lastName: row.text('lastName'),
      company: row.text('company'),
      email: row.text('email'),
      phone: row.text('phone'),
      state: row.text('state'),
      zip: row.text('zip'),
      timezone: row.text('timezone'),
      language: row.language(),
      source: row.text('source') ?? mode.source ?? 'import',
      cost: row.cost(),
      owner: row.text('owner'),
      tags: row
        .text('tags')
        ?.split(/[;|,]/)
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ''),
      attributes: Object.keys(attributes).length === 0 ? undefined : attributes,
    },
    consents: [...row.consent('sms'), ...row.consent('email')],
    cadence: mode.kind === 'dead' ? null : mode.cadence,
    form: false,
    visitorId: null,
    dead: mode.kind === 'dead' ? row.dead(now) : null,
  }
  return row.problems.length > 0 ? { ok: false, problems: row.problems } : { ok: true, post }
}

const BASES: readonly ConsentBasis[] = ['express_written', 'express', 'implied', 'none']
const WHYS = ['price', 'feature', 'timing', 'other'] as const
const FAULTS = ['poor_sourcing', 'inadequate_offering'] as const
const POINTS = ['email', 'phone'] as const
/** Longer than any field of ours; a runaway quote makes such cells. */
const LONGEST_CELL = 2_000

/** The cells of one row by their columns, and what was wrong with them. */
class Row {
  readonly problems: FieldProblem[] = []
  readonly #values: ReadonlyMap<ImportColumn, string>

  constructor(values: ReadonlyMap<ImportColumn, string>) {
    this.#values = values
    for (const [column, value] of values) {
      if (value.length > LONGEST_CELL) {
        this.#wrong(column, 'The cell is too long.', 'Look for a quote that is not closed.')
      }
    }
  }

  text(column: ImportColumn): string | undefined {
    return this.#values.get(column)
  }

  language(): string | undefined {
    const given = this.text('language')
    if (given === undefined) return undefined
    const tag = canonicalLanguage(given)
    if (tag !== null) return tag
    this.#wrong('language', 'It is no language.', 'Write a code such as en, es or es-MX.')
    return undefined
  }

  cost(): { amount: string; currency: string } | undefined {
    const amount = this.text('cost')?.replace(/^\$\s*/, '')
    if (amount === undefined) return undefined
    if (!/^\d{1,10}(\.\d{1,4})?$/.test(amount)) {
      this.#wrong(
        'cost',
        'It is no amount.',
        'Write it as 12.50, and the currency in its own column.',
      )
    }
    const currency = this.text('currency') ?? 'USD'
    if (!/^[A-Z]{3}$/.test(currency)) {
      this.#wrong('currency', 'It is no currency code.', 'Write an ISO 4217 code such as USD.')
    }
    return { amount, currency }
  }

  consent(channel: Channel): ConsentInput[] {
    const column = (name: 'At' | 'Basis' | 'Disclosure' | 'Source') =>
      `${channel}Consent${name}` as const
    const at = this.#instant(column('At'))
    if (at === null) return []
    const disclosure = this.text(column('Disclosure')) ?? null
    // Written consent is one that a disclosure was shown for; nothing else may count as it.
    const assumed = disclosure === null ? 'express' : 'express_written'
    const basis = this.#oneOf(column('Basis'), BASES) ?? assumed
    return [
      { channel, basis, disclosure, at, source: this.text(column('Source')) ?? 'import', ip: null },
    ]
  }

  dead(now: Instant): DeadBefore | null {
    const reason = this.#oneOf('deadReason', DEAD_REASONS)
    if (reason === null) {
      if (this.text('deadReason') === undefined) {
        const fix = `Fill the column deadReason with one of: ${DEAD_REASONS.join(', ')}.`
        this.#wrong('deadReason', 'A dead lead needs its reason.', fix)
      }
      return null
    }
    return { details: this.#details(reason, now), at: this.#instant('deadAt') }
  }

  #details(reason: DeadReason, now: Instant): DeadDetails {
    const detail = this.text('deadDetail')
    const words = this.text('deadWords') ?? detail ?? null
    switch (reason) {
      case 'unresponsive':
        return { reason, attempts: [] }
      case 'bad_contact_info': {
        const contactPoint = this.#oneOf('deadContactPoint', POINTS)
        const how = this.text('deadHow') ?? detail ?? 'not said'
        return { reason, failures: contactPoint === null ? [] : [{ contactPoint, how }] }
      }
      case 'competitor':
        return {
          reason,
          competitor: this.text('deadCompetitor') ?? detail ?? null,
          why: this.#oneOf('deadWhy', WHYS),
          contractEnds: this.#date('deadContractEnds'),
        }
      case 'no_matching_offering':
        return {
          reason,
          wanted: this.text('deadWanted') ?? detail ?? null,
          fault: this.#oneOf('deadFault', FAULTS),
        }
      case 'not_interested':
      case 'hostile':
        return { reason, words }
      case 'postponing': {
        const until = this.#instant('deadUntil')
        return { reason, postponements: until === null ? [] : [{ askedAt: now, until }] }
      }
      case 'unqualified':
        return { reason, criterion: this.text('deadCriterion') ?? detail ?? null }
      case 'spam':
        return { reason, evidence: this.text('deadEvidence') ?? detail ?? null }
      case 'opted_out':
        return { reason, how: this.text('deadHow') ?? 'known as opted out', words }
      case 'duplicate':
        return { reason, survivor: null }
    }
  }

  #oneOf<T extends string>(column: ImportColumn, values: readonly T[]): T | null {
    const given = this.text(column)
    if (given === undefined) return null
    const plain = given.toLowerCase().replaceAll(/[\s-]+/g, '_')
    const found = values.find((value) => value === plain)
    if (found !== undefined) return found
    this.#wrong(column, 'It is none of the known values.', suggest(plain, values))
    return null
  }

  #instant(column: ImportColumn): Instant | null {
    const given = this.text(column)
    if (given === undefined) return null
    const day = /^\d{4}-\d{2}-\d{2}$/.test(given)
    const dated = day || /^\d{4}-\d{2}-\d{2}[T ][\d:.]+\s*(Z|[+-]\d{2}:?\d{2})$/i.test(given)
    const ms = dated ? Date.parse(given.replace(' ', 'T')) : Number.NaN
    if (!Number.isNaN(ms)) return instant(ms)
    const fix = 'Write 2026-11-22, or 2026-11-22T15:04:05Z with its offset.'
    this.#wrong(column, 'It is no date.', fix)
    return null
  }

  #date(column: ImportColumn): string | null {
    const at = this.#instant(column)
    return at === null ? null : new Date(at).toISOString().slice(0, 10)
  }

  #wrong(field: ImportColumn, message: string, fix: string): void {
    this.problems.push({ field, message, fix })
  }
}
