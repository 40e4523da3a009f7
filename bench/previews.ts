import { deadDetails, deadSchema } from '../src/api/schemas/dead.ts'
import { parseCadenceSet } from '../src/domain/cadence/file/set.ts'
import type { Cadence } from '../src/domain/cadence/types.ts'
import { DEFAULT_SETTINGS, engineRules } from '../src/domain/company/company.ts'
import type { PolicyPerson } from '../src/domain/policy/index.ts'
import { previewCadence } from '../src/domain/preview/preview.ts'
import type { PreviewInput } from '../src/domain/preview/types.ts'
import type { Template } from '../src/domain/templates/types.ts'
import { textSize } from '../src/domain/texts.ts'
import { DAY_MS, HOUR_MS, type Instant, instant, plus } from '../src/domain/time.ts'
import { readCadenceFolder, SHIPPED_FOLDER } from '../src/local/folder.ts'

export interface PreviewsBench {
  readonly leads: number
  readonly days: number
  readonly touches: number
  /** Processor time of one core, in seconds. */
  readonly seconds: {
    /** Dates and decisions alone. */
    readonly decided: number
    /** What rendering the messages costs on top. */
    readonly rendering: number
    /** What counting the segments of the texts costs on top. */
    readonly segments: number
  }
}

const DAYS = 60
const MONDAY = instant(Date.parse('2026-03-02T15:00:00Z'))

/**
 * Measures the pure preview over leads in many places, that enter the cadences that ship at every
 * hour of two weeks: first without messages, then with them, then with the size of each text.
 */
export function measurePreviews(leads = 10_000): PreviewsBench {
  const shipped = parseCadenceSet(readCadenceFolder(SHIPPED_FOLDER))
  if (!shipped.ok) throw new Error('the shipped cadences do not parse')
  const cadences = shipped.cadences.map(({ cadence }) => cadence)
  const { templates } = shipped
  const inputs = Array.from({ length: leads }, (_, index) => inputOf(index, cadences, templates))
  let touches = 0
  const decided = secondsOf(() => {
    for (const input of inputs) {
      const { events } = previewCadence({ ...input, withoutMessages: true })
      touches += events.filter(({ kind }) => kind === 'touch').length
    }
  })
  const texts: string[] = []
  const rendered = secondsOf(() => {
    for (const input of inputs) {
      const { events } = previewCadence(input)
      for (const event of events) {
        if (event.kind === 'touch' && event.channel === 'sms' && event.message.ok) {
          texts.push(event.message.text)
        }
      }
    }
  })
  let segments = 0
  const counted = secondsOf(() => {
    for (const text of texts) segments += textSize(text).segments
  })
  if (segments < texts.length) throw new Error('a text has a segment')
  return {
    leads,
    days: DAYS,
    touches,
    seconds: { decided, rendering: Math.max(rendered - decided, 0), segments: counted },
  }
}

function secondsOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000_000
}

const PLACES = [
  { area: '212', state: 'NY', timezone: null },
  { area: '808', state: 'HI', timezone: 'Pacific/Honolulu' },
  { area: '512', state: 'TX', timezone: null },
  { area: '500', state: null, timezone: null },
  { area: '208', state: 'ID', timezone: null },
] as const

function inputOf(
  index: number,
  cadences: readonly Cadence[],
  templates: readonly Template[],
): PreviewInput {
  const cadence = cadences[index % cadences.length]
  const place = PLACES[index % PLACES.length]
  if (cadence === undefined || place === undefined) throw new Error('nothing to preview')
  const from = plus(MONDAY, (index % (14 * 24)) * HOUR_MS)
  const details = deadDetails(deadSchema.parse({ reason: 'unresponsive' }), from)
  return {
    cadence,
    cadences,
    templates,
    person: personIn(place, from),
    lead: { firstName: 'Ada', lastName: null, company: null, owner: null, attributes: {} },
    entry: cadence.purpose === 'nurture' ? { kind: 'form' } : { kind: 'revival', details },
    from,
    until: plus(from, DAYS * DAY_MS),
    happenings: [],
    rules: RULES,
    seeds: { lead: `lead ${index}`, episode: (n) => `lead ${index} ${n}` },
  }
}

const RULES = engineRules(DEFAULT_SETTINGS)

function personIn({ area, state, timezone }: (typeof PLACES)[number], at: Instant): PolicyPerson {
  return {
    erased: false,
    email: { value: 'ada@example.com', validity: 'unknown', invalidBecause: null },
    phone: { value: `+1${area}5550142`, validity: 'unknown', invalidBecause: null },
    state,
    zip: null,
    timezone,
    consents: [
      {
        channel: 'sms',
        basis: 'express_written',
        disclosure: 'web-2026-03',
        at: plus(at, -HOUR_MS),
        source: 'https://acme.example/quote',
        byLead: true,
      },
    ],
    suppressions: [],
    recent: [],
    freshForm: false,
    cadence: null,
    stops: [],
  }
}
