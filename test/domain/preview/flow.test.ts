import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mostVisits } from '../../../src/domain/cadence/file/paths.ts'
import { DEFAULT_SETTINGS, engineRules } from '../../../src/domain/company/company.ts'
import { previewCadence } from '../../../src/domain/preview/preview.ts'
import type { Happening, PreviewEvent, PreviewInput } from '../../../src/domain/preview/types.ts'
import { parseTemplates } from '../../../src/domain/templates/parse.ts'
import { DAY_MS, HOUR_MS, instant, plus } from '../../../src/domain/time.ts'
import { arbitraryCadence } from '../../support/arbitrary-cadence.ts'
import { parsedCadence } from '../../support/written-files.ts'
import { person } from '../policy/people.ts'

const FROM = instant(Date.parse('2026-06-08T15:00:00Z'))
const RULES = engineRules(DEFAULT_SETTINGS)

const parsedTemplates = parseTemplates([
  {
    path: 'templates/flow/mail.md',
    text: '---\nsubject: Hello\n---\nPlan {{ lead.attributes.plan | default: "none" }}',
  },
  { path: 'templates/flow/text.sms.txt', text: 'Hello' },
])
if (!parsedTemplates.ok) throw new Error('the templates do not parse')
const { templates } = parsedTemplates

describe('steps that write to nobody, previewed', () => {
  const WAIT = `
  - { id: hello, email: flow/mail, at: asap }
  - id: came
    wait-for: { signal: visit }
    timeout: 7d
    then: hot
  - { id: cold, end: { dead: not_interested } }
  - { id: hot, end: { hand-off: Call them } }`

  it('take the branch of what happens', () => {
    const came = preview(WAIT, [on(3, { kind: 'visit' })])
    expect(stepsOf(came.events)).toEqual(['hello', 'came came', 'hot'])
    expect(came.status).toBe('engaged')
    expect(came.events.at(-1)).toMatchObject({ kind: 'task', title: 'Call them', at: day(3) })

    const silent = preview(WAIT, [on(9, { kind: 'visit' })])
    expect(stepsOf(silent.events)).toEqual(['hello', 'came timed_out', 'cold'])
    expect(silent).toMatchObject({ status: 'dead', reason: 'not_interested' })
  })

  it('see only what came since the step before', () => {
    const steps = `
  - { id: first, wait: 2d }
  - id: came
    wait-for: { signal: [visit, custom] }
    timeout: 7d
  - { id: over, end: { dead: not_interested } }`
    const early = preview(steps, [on(1, { kind: 'visit' })])
    expect(stepsOf(early.events)).toEqual(['first waited', 'came timed_out', 'over'])
    const late = preview(steps, [on(4, { kind: 'custom', name: 'demo' })])
    expect(stepsOf(late.events)).toEqual(['first waited', 'came came', 'over'])
  })

  it('change the lead, and what comes after asks and says so', () => {
    const { events } = preview(`
  - { id: mark, update: { attributes: { plan: pro }, tags: { add: [hot] }, score: +30, owner: a@b.example } }
  - id: which
    branch:
      - { when: { all: [{ field: lead.attributes.plan, is: pro }, { field: lead.tags, has: hot }, { score: { at-least: 30 } }] }, goto: yes-mail }
  - { id: no, end: { dead: not_interested } }
  - { id: yes-mail, email: flow/mail }`)
    expect(stepsOf(events)).toEqual(['mark updated', 'which branched', 'yes-mail'])
    const mail = events.find((event) => event.kind === 'touch')
    expect(mail?.message).toMatchObject({ ok: true, text: expect.stringContaining('Plan pro') })
  })

  it('go round so often, then on', () => {
    const { events } = preview(`
  - { id: nap, wait: 2d }
  - { id: again, goto: nap, at-most: 2 }
  - { id: tell, webhook: { to: crm } }
  - { id: over, end: { dead: not_interested } }`)
    expect(stepsOf(events)).toEqual([
      'nap waited',
      'again jumped',
      'nap waited',
      'again jumped',
      'nap waited',
      'again passed',
      'tell told',
      'over',
    ])
  })

  it('draw an arm for each lead by weight, the same in every round', () => {
    const steps = `
  - { id: ab, split: { a: 75, b: 25 } }
  - { id: a, goto: back }
  - { id: b, wait: 1h }
  - { id: back, goto: ab, at-most: 2 }
  - { id: over, end: { dead: not_interested } }`
    let drewA = 0
    for (let lead = 0; lead < 400; lead += 1) {
      const { events } = preview(steps, [], `lead ${lead}`)
      const arms = events.flatMap((event) =>
        event.kind === 'step' && event.does === 'split' ? [event.to] : [],
      )
      expect(arms).toHaveLength(3)
      expect(new Set(arms).size).toBe(1)
      if (arms[0] === 'a') drewA += 1
    }
    expect(drewA).toBeGreaterThan(265)
    expect(drewA).toBeLessThan(335)
  })

  it('wait for a condition until time alone makes it true', () => {
    const { events } = preview(
      `
  - id: near
    wait-for: { when: { field: lead.attributes.contractEnd, within: 30d } }
    timeout: 200d
  - { id: mail, email: flow/mail, at: asap, hours: any }
  - { id: over, end: { dead: not_interested } }`,
      [],
      'lead',
      { contractEnd: '2026-09-01' },
    )
    const near = events.find((event) => event.kind === 'step')
    expect(near).toMatchObject({ outcome: 'came', at: instant(Date.parse('2026-08-02T04:00:00Z')) })
  })

  it('believe a click once it can be no scanner’s', () => {
    const { events } = preview(
      `
  - { id: hello, email: flow/mail, at: asap }
  - id: clicked
    wait-for: { when: { happened: { step: hello, was: clicked } } }
    timeout: 5d
  - { id: over, end: { dead: not_interested } }`,
      [on(2, { kind: 'click' })],
    )
    const came = events.find((event) => event.kind === 'step')
    expect(came).toMatchObject({ outcome: 'came' })
    expect((came?.at ?? 0) - day(2)).toBe(10_000)
  })

  it('come to an end on every way, within the bound', () => {
    const happenings = fc.array(
      fc.record({
        kind: fc.constantFrom('visit' as const, 'click' as const),
        at: fc.integer({ min: 0, max: 60 * DAY_MS }).map((ms) => plus(FROM, ms)),
      }),
      { maxLength: 5 },
    )
    fc.assert(
      fc.property(
        arbitraryCadence({ email: 'flow/mail', sms: 'flow/text' }),
        happenings,
        (cadence, found) => {
          const until = plus(FROM, 5_000 * DAY_MS)
          const rules = { ...RULES, policy: { ...RULES.policy, caps: NO_CAPS } }
          const { events, status } = previewCadence({
            ...input('lead'),
            cadence,
            happenings: found,
            rules,
            until,
          })
          expect(status).not.toBe('nurturing')
          expect(stepsOf(events).length).toBeLessThanOrEqual(mostVisits(cadence))
          const times = events.map(({ at }) => at)
          expect(times).toEqual(times.toSorted((a, b) => a - b))
        },
      ),
      { numRuns: 60 },
    )
  })
})

const NO_CAPS = {
  textsAndCallsPerDay: 3,
  touchesPerDay: 100,
  touchesPerWeek: 100,
  touchesPerEpisode: 100,
}

function preview(
  steps: string,
  happenings: readonly Happening[] = [],
  lead = 'lead',
  attributes: Record<string, string> = {},
) {
  const text = `name: flow\ntitle: Flow\npurpose: nurture\nsteps:${steps}\nend: { dead: unresponsive }\n`
  const cadence = parsedCadence(text, templates)
  return previewCadence({ ...input(lead, attributes), cadence, happenings })
}

function input(
  lead: string,
  attributes: Record<string, string> = {},
): Omit<PreviewInput, 'cadence'> {
  return {
    cadences: [],
    templates,
    person: person(),
    lead: { firstName: 'Ada', lastName: null, company: null, owner: null, attributes },
    entry: { kind: 'form' },
    from: FROM,
    until: plus(FROM, 300 * DAY_MS),
    happenings: [],
    rules: RULES,
    seeds: { lead, episode: (n) => `${lead} ${n}` },
  }
}

/** What each step came to, in order; a message or task by its id alone. */
function stepsOf(events: readonly PreviewEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.kind === 'step') return [`${event.step} ${event.outcome}`]
    if (event.kind === 'touch' || event.kind === 'dropped') return [event.step]
    if (event.kind === 'task') return event.step === null ? [] : [event.step]
    const step =
      event.kind === 'became' ? /ended at step (\S+)$/.exec(event.because)?.[1] : undefined
    return step === undefined ? [] : [step]
  })
}

function day(number: number) {
  return plus(FROM, number * DAY_MS + 5 * HOUR_MS)
}

type What = Happening extends infer One ? (One extends Happening ? Omit<One, 'at'> : never) : never

function on(number: number, what: What): Happening {
  return { ...what, at: day(number) }
}
