import { expect, it } from 'vitest'
import { disagreements, previewInput } from '../../src/cli/story/compare.ts'
import { parseCadenceSet } from '../../src/domain/cadence/file/set.ts'
import { stableFraction } from '../../src/domain/cadence/hash.ts'
import type { Cadence } from '../../src/domain/cadence/types.ts'
import { bareDetails, type DeadDetails } from '../../src/domain/lead.ts'
import { areaCodesFile } from '../../src/domain/policy/data.ts'
import type { Entry } from '../../src/domain/preview/types.ts'
import { DAY_MS, type Instant, plus, toIso } from '../../src/domain/time.ts'
import { readCadenceFolder, SHIPPED_FOLDER } from '../../src/local/folder.ts'
import { inParallel } from '../../src/temporal/executions.ts'
import { testLab } from '../support/lab.ts'
import { newPerson } from '../support/workbench.ts'

const lab = testLab()
const DAYS = 40
/** Leads wait for timers most of the time: several live at once. */
const AT_ONCE = 6
const parsed = parseCadenceSet(readCadenceFolder(SHIPPED_FOLDER))
const shipped = {
  cadences: parsed.ok ? parsed.cadences.map(({ cadence }) => cadence) : [],
  templates: parsed.ok ? parsed.templates : [],
}
/** So many cadences are also lived through wherever chance says. */
const ANYWHERE = 6
interface Place {
  readonly area: string
  readonly state: string | null
  readonly timezone: string | null
}
const PLACES: readonly [Place, ...Place[]] = [
  { area: '212', state: 'NY', timezone: null },
  { area: '808', state: 'HI', timezone: 'Pacific/Honolulu' },
  { area: '500', state: null, timezone: null },
  { area: '512', state: 'TX', timezone: null },
  { area: '208', state: 'ID', timezone: null },
]

it('a preview of each cadence that ships tells what the real workflow does, wherever the lead is', async () => {
  const all = [...shipped.cadences, ...shipped.cadences.slice(0, ANYWHERE)]
  expect(shipped.cadences.length).toBeGreaterThanOrEqual(8)
  const found: string[] = []
  await inParallel(all.entries(), AT_ONCE, async ([index, cadence]) => {
    const known = index < shipped.cadences.length
    const place = known ? (PLACES[index % PLACES.length] ?? PLACES[0]) : anywhere(cadence.name)
    const sentences = await compared(cadence, place)
    found.push(...sentences.map((each) => `${cadence.name} in ${place.area}: ${each}`))
  })
  expect(found).toEqual([])
})

/** Some area code of the country, another one for each cadence. */
function anywhere(seed: string): Place {
  const codes = Object.keys(areaCodesFile.unitedStates)
  const area = codes[Math.floor(stableFraction(seed, 'anywhere') * codes.length)] ?? '212'
  return { area, state: null, timezone: null }
}

async function compared(cadence: Cadence, { area, ...place }: Place) {
  const known = newPerson()
  // Two leads of one number would be one person, and share its caps.
  const phone = known.phone.replace(/^\+1\d{3}/, `+1${area}`)
  const { leadId, entry } = await enter({ ...known, ...place, phone, zip: null }, cadence)
  const input = await previewInput(lab().lab, leadId, shipped, {
    cadence,
    entry,
    ms: (DAYS - 1) * DAY_MS,
  })
  await lab().pass(leadId, DAYS * DAY_MS)
  return await disagreements(lab().lab.intake.store.db, leadId, input, 'UTC')
}

async function enter(person: ReturnType<typeof newPerson>, cadence: Cadence) {
  if (cadence.purpose === 'nurture') {
    const { lead } = await lab().post(person, { cadence: cadence.name })
    await lab().settled(lead.id)
    const entry: Entry = { kind: 'form' }
    return { leadId: lead.id, entry }
  }
  const now = lab().lab.intake.now()
  const entry: Entry = { kind: 'revival', details: detailsFor(cadence, now) }
  const dead = { details: entry.details, at: plus(now, -365 * DAY_MS) }
  const { lead } = await lab().post(person, { cadence: null, form: false, dead })
  await lab().play.operate(lead.id, { kind: 'revive', cadence: cadence.name })
  await lab().settled(lead.id)
  return { leadId: lead.id, entry }
}

/** Cadences that hang on a date get one that falls into the days that are played. */
function detailsFor({ steps }: Cadence, now: Instant): DeadDetails {
  const date = steps.find((step) => 'onDate' in step && step.onDate !== undefined)
  const field = date !== undefined && 'onDate' in date ? date.onDate?.field : undefined
  if (field === 'dead.contractEnds') {
    const contractEnds = toIso(plus(now, 65 * DAY_MS)).slice(0, 10)
    return { reason: 'competitor', competitor: null, why: null, contractEnds }
  }
  if (field === 'dead.until') {
    return {
      reason: 'postponing',
      postponements: [{ askedAt: now, until: plus(now, 10 * DAY_MS) }],
    }
  }
  return bareDetails('unresponsive')
}
