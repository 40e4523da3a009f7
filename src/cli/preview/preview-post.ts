import type { Cadence } from '../../domain/cadence/types.ts'
import { DEFAULT_SETTINGS, type EngineRules, engineRules } from '../../domain/company/company.ts'
import { bestZone } from '../../domain/policy/index.ts'
import { previewCadence } from '../../domain/preview/preview.ts'
import type { Entry } from '../../domain/preview/types.ts'
import type { Template } from '../../domain/templates/types.ts'
import type { TextPrices } from '../../domain/texts.ts'
import type { Instant } from '../../domain/time.ts'
import { type CadenceInSet, readCadence } from '../cadence-in-set.ts'
import { sampleLead } from './read-lead.ts'
import type { NamedPost } from './read-posts.ts'
import type { ToldPreview } from './tell.ts'
import { type WhatIf, withoutPlace } from './what-if.ts'

/** A cadence with all that a lead in it may need on the way. */
export interface PreviewSet {
  readonly cadence: Cadence
  readonly cadences: readonly Cadence[]
  readonly templates: readonly Template[]
}

/** What ships stands in for the revival and check-in cadences that a folder does not have. */
export async function withShipped({ cadence, files }: CadenceInSet): Promise<PreviewSet> {
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

export interface Previewing {
  readonly entry: Entry
  readonly from: Instant
  /** Exclusive. */
  readonly until: Instant
  readonly whatIf: WhatIf
  /** Those that ship, when absent. */
  readonly rules?: EngineRules
  /** What texts cost; nothing, when absent. */
  readonly prices?: TextPrices
}

/** The preview of one posted lead; its name spreads it from others. */
export function previewPost(
  { name, post }: NamedPost,
  set: PreviewSet,
  {
    entry,
    from,
    until,
    whatIf,
    rules = engineRules(DEFAULT_SETTINGS),
    prices = DEFAULT_SETTINGS.textPrices,
  }: Previewing,
): ToldPreview {
  const { person: known, lead, fields } = sampleLead(post, from)
  const person = whatIf.unknownPlace ? withoutPlace(known) : known
  const preview = previewCadence({
    ...set,
    person,
    lead,
    fields,
    entry,
    from,
    until,
    happenings: whatIf.happenings,
    rules,
    seeds: { lead: `preview ${name}`, episode: (n) => `preview ${name} ${n}` },
  })
  const bill = { to: person.phone?.value ?? null, prices }
  return { name, zone: bestZone(person, rules.policy).zone, from, preview, bill }
}
