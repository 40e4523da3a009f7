import { expect, it } from 'vitest'
import { parseCadenceSet } from '../../src/domain/cadence/set.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { previewCadence } from '../../src/domain/preview/preview.ts'
import type { Entry } from '../../src/domain/preview/types.ts'
import { DAY_MS, type Instant, MINUTE_MS, plus } from '../../src/domain/time.ts'
import { loadPerson } from '../../src/leads/people.ts'
import { readCadenceFolder, SHIPPED_FOLDER } from '../../src/local/folder.ts'
import { labRules } from '../../src/local/lab.ts'
import { testLab } from '../support/lab.ts'
import { newPerson } from '../support/workbench.ts'

const lab = testLab()
const DAYS = 40
const shipped = parseCadenceSet(readCadenceFolder(SHIPPED_FOLDER))
const PLACES = [
  { state: 'NY', timezone: null },
  { state: 'HI', timezone: 'Pacific/Honolulu' },
  { state: null, timezone: null, placeless: true },
]

it.each(shipped.ok ? shipped.cadences.map(({ cadence }) => cadence) : [])(
  'a preview of $name tells what the real workflow does, touch by touch, wherever the lead is',
  async (cadence) => {
    for (const place of PLACES) {
      const person = personIn(place)
      const details = { reason: 'unresponsive', attempts: [] } as const
      const entry: Entry =
        cadence.purpose === 'nurture' ? { kind: 'form' } : { kind: 'revival', details }
      const leadId = await enter(person, cadence.name, entry)
      const before = await facts(leadId)
      await lab().pass(leadId, DAYS * DAY_MS)

      const { events } = previewCadence({ ...before, cadence, entry })
      const previewed = events.flatMap((event) =>
        event.kind === 'touch' ? [{ step: event.step, at: event.at, text: textOf(event) }] : [],
      )
      const real = await touches(leadId, before.until)
      expect(previewed.map(({ step }) => step)).toEqual(real.map(({ step }) => step))
      for (const [index, { at, text }] of previewed.entries()) {
        expect(Math.abs(at - (real[index]?.at ?? 0))).toBeLessThan(MINUTE_MS)
        expect(text).toBe(withoutLinks(real[index]?.text ?? ''))
      }
    }
  },
)

/** Two leads of one number would be one person, and share its caps. */
function personIn({ state, timezone, placeless }: (typeof PLACES)[number]) {
  const person = newPerson()
  const phone = placeless ? person.phone.replace(/^\+1\d{3}/, '+1500') : person.phone
  return { ...person, state, timezone, phone, zip: null }
}

async function enter(person: ReturnType<typeof newPerson>, cadence: string, entry: Entry) {
  if (entry.kind !== 'revival') {
    const { lead } = await lab().post(person, { cadence })
    await lab().settled(lead.id)
    return lead.id
  }
  const at = plus(lab().lab.intake.now(), -365 * DAY_MS)
  const dead = { details: entry.details, at }
  const { lead } = await lab().post(person, { cadence: null, form: false, dead })
  await lab().play.operate(lead.id, { kind: 'revive', cadence })
  await lab().settled(lead.id)
  return lead.id
}

/** What the preview is to know: the same lead, and what spreads it from others. */
async function facts(leadId: LeadId) {
  if (!shipped.ok) throw new Error('the shipped cadences do not parse')
  const { store } = lab().lab.intake
  const lead = await lab().lead(leadId)
  const episodes = await store.db
    .selectFrom('episodes')
    .select(['id', 'started_at'])
    .where('lead_id', '=', leadId)
    .execute()
  const [episode] = episodes
  if (episode === undefined) throw new Error('the lead is in no cadence')
  return {
    cadences: shipped.cadences.map((each) => each.cadence),
    templates: shipped.templates,
    person: (await loadPerson(store.db, lead, episode.started_at)).policy,
    lead: {
      firstName: lead.first_name,
      lastName: lead.last_name,
      company: lead.company,
      owner: lead.owner,
      attributes: lead.attributes,
    },
    from: episode.started_at,
    until: plus(episode.started_at, (DAYS - 1) * DAY_MS),
    happenings: [],
    rules: await labRules(store),
    seeds: { lead: leadId, episode: (n: number) => (n === 1 ? episode.id : `later ${n}`) },
  }
}

async function touches(leadId: LeadId, until: Instant) {
  const rows = await lab()
    .lab.intake.store.db.selectFrom('touches')
    .select(['step_id', 'dispatched_at', 'text'])
    .where('lead_id', '=', leadId)
    .where('state', 'in', ['sent', 'delivered'])
    .where('dispatched_at', '<', until)
    .orderBy('dispatched_at')
    .execute()
  return rows.map(({ step_id, dispatched_at, text }) => ({
    step: step_id,
    at: dispatched_at ?? 0,
    text,
  }))
}

function textOf(event: { message: { ok: boolean; text?: string } }): string {
  return withoutLinks(event.message.text ?? '')
}

/** A real message carries tokens where a preview shows what the author wrote. */
function withoutLinks(text: string): string {
  return text.replaceAll(/https?:\/\/\S+/g, 'link')
}
