import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { describeProblem } from '../../../src/domain/cadence/file/problems.ts'
import { type CadenceSetParsing, parseCadenceSet } from '../../../src/domain/cadence/file/set.ts'
import { dueAt } from '../../../src/domain/cadence/timing/timing.ts'
import type { Cadence } from '../../../src/domain/cadence/types.ts'
import { firstPosition, nextPosition } from '../../../src/domain/cadence/walk.ts'
import { DEAD_REASONS } from '../../../src/domain/lead.ts'
import { defaultRules } from '../../../src/domain/policy/index.ts'
import { renderEmail, renderSms } from '../../../src/domain/templates/render.ts'
import type { TemplateContext } from '../../../src/domain/templates/types.ts'
import { DAY_MS, type Instant, instant } from '../../../src/domain/time.ts'
import { localTime } from '../../../src/domain/time-zones.ts'
import { isTranscript } from '../../../src/local/folder.ts'
import { ALMOST_NOTHING, EVERYTHING } from '../templates/context.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const ZONE = 'America/New_York'
/** The basic set of GSM 03.38: 160 of these characters fit into one text. */
const GSM_7 = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]*$/

const files = ['cadences', 'templates'].flatMap((folder) =>
  readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(yaml|md|txt|liquid)$/.test(name) && !isTranscript(name))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .map((path) => ({ path, text: readFileSync(`${ROOT}${path}`, 'utf8') })),
)
const set = shipped(parseCadenceSet(files))
const cadences = set.cadences.map(({ cadence }) => cadence)

/** Where the date is on which steps hang. */
const FAR_DATE = 365 * DAY_MS

describe('the shipped cadences', () => {
  it.each(cadences)('$name fits the shipped caps at its fastest', ({ steps }) => {
    const { caps } = defaultRules(ZONE)
    let at = 0
    const touches = steps.flatMap((step) => {
      const after = step.after.kind === 'exactly' ? step.after.ms : step.after.minMs
      at = step.onDate == null ? at + after : FAR_DATE + step.onDate.offsetMs
      return step.kind === 'message' || (step.kind === 'task' && step.task !== 'other') ? [at] : []
    })
    const most = (ms: number) =>
      Math.max(...touches.map((from) => touches.filter((t) => t >= from && t < from + ms).length))
    expect(most(DAY_MS)).toBeLessThanOrEqual(caps.touchesPerDay)
    expect(most(7 * DAY_MS)).toBeLessThanOrEqual(caps.touchesPerWeek - 2)
    expect(touches.length).toBeLessThanOrEqual(caps.touchesPerEpisode - 3)
  })

  it('are there, and every template is used by one', () => {
    expect(cadences.map(({ name }) => name)).toEqual([
      'check-in',
      'event-follow-up',
      'new-lead',
      'no-show',
      'now-available',
      'postponed',
      'purchased-lead',
      'silent-after-reply',
      'sunset',
      'welcome-back',
      'win-back',
    ])
    const used = cadences.flatMap(({ steps }) =>
      steps.flatMap((step) =>
        step.kind === 'message' ? [`${step.channel} ${step.template}`] : [],
      ),
    )
    const written = set.templates.map(({ channel, name }) => `${channel} ${name}`)
    expect(written.toSorted()).toEqual([...new Set(used)].toSorted())
  })

  it('new-lead answers at once, mixes the channels, and ends unresponsive in about two weeks', () => {
    const cadence = named('new-lead')
    const [first] = cadence.steps
    expect(first).toMatchObject({ channel: 'email', timing: { kind: 'asap' }, hours: 'any' })
    expect(first?.after).toEqual({ kind: 'exactly', ms: 0 })
    const count = (channel: string) =>
      cadence.steps.filter((step) => step.kind === 'message' && step.channel === channel).length
    expect(count('email')).toBeGreaterThanOrEqual(5)
    expect(count('sms')).toBeGreaterThanOrEqual(3)
    expect(cadence.end).toEqual({ outcome: 'dead', reason: 'unresponsive' })
    for (let lead = 0; lead < 200; lead += 1) {
      const days = (walked(cadence, `lead-${lead}`).endsAt - START) / DAY_MS
      expect(days).toBeGreaterThan(10)
      expect(days).toBeLessThan(19)
    }
  })

  it('new-lead never writes twice running at one time of day, nor on one weekday', () => {
    const cadence = named('new-lead')
    for (let lead = 0; lead < 200; lead += 1) {
      for (const channel of ['email', 'sms'] as const) {
        const times = walked(cadence, `lead-${lead}`)
          .attempts.filter((attempt) => attempt.channel === channel)
          .map(({ at }) => localTime(at, ZONE))
        for (const [index, now] of times.entries()) {
          const before = times[index - 1]
          if (before === undefined) continue
          expect(now.weekday).not.toBe(before.weekday)
          expect(Math.abs(now.msOfDay - before.msOfDay)).toBeGreaterThanOrEqual(90 * 60_000)
        }
      }
    }
  })

  it('welcome-back waits three hours to a day, by email alone, and goes back to dead', () => {
    const cadence = named('welcome-back')
    expect(cadence).toMatchObject({ purpose: 'revival', end: { outcome: 'back_to_dead' } })
    for (let lead = 0; lead < 200; lead += 1) {
      const { attempts } = walked(cadence, `lead-${lead}`)
      expect(attempts.length).toBeLessThanOrEqual(2)
      const waited = (attempts[0]?.at ?? 0) - START
      expect(waited).toBeGreaterThanOrEqual(DAY_MS / 8)
      expect(waited).toBeLessThan(DAY_MS)
    }
  })

  it('welcome-back has words of its own for each reason that a visit revives', () => {
    const hello = set.templates.find(({ name }) => name === 'welcome-back/hello')
    expect(Object.keys(hello?.variants ?? {}).toSorted()).toEqual([
      'competitor',
      'no_matching_offering',
      'not_interested',
      'postponing',
      'unqualified',
      'unresponsive',
    ])
  })
})

const contexts = [EVERYTHING, ALMOST_NOTHING].flatMap((context): TemplateContext[] => [
  { ...context, dead: null },
  ...DEAD_REASONS.map((reason) => ({
    ...context,
    dead: { reason, wanted: context === EVERYTHING ? 'a heat pump' : null, competitor: null },
  })),
])

describe.each(set.templates)('the shipped $channel $name', (template) => {
  it('renders for every dead reason, with every field and with almost none', () => {
    for (const context of contexts) {
      if (template.channel === 'sms') {
        const rendered = renderSms(template, context, { firstText: false })
        expect(rendered.ok && tidy(rendered.text)).toBe(true)
        continue
      }
      const rendered = renderEmail(template, context)
      if (!rendered.ok) throw new Error(describeProblem(rendered.problem))
      for (const text of [rendered.subject, rendered.text]) expect(tidy(text), text).toBe(true)
      expect(rendered.html).toContain('Unsubscribe</a>')
      expect(rendered.subject.length).toBeLessThan(70)
    }
  })

  it('asks for an answer, and names no page that was seen', () => {
    for (const context of contexts) {
      const rendered =
        template.channel === 'sms'
          ? renderSms(template, context, { firstText: false })
          : renderEmail(template, context)
      if (!rendered.ok) throw new Error(describeProblem(rendered.problem))
      expect(rendered.text).toMatch(/\b(reply|text back|text yes)\b/i)
      const allowed = ['https://acme.example', EVERYTHING.company.bookingUrl]
      for (const { url } of rendered.links) expect(allowed).toContain(url)
    }
  })
})

const texts = set.templates.filter((template) => template.channel === 'sms')

describe.each(texts)('the shipped text $name', (template) => {
  it('fits into one text, with the way to stop when it is the first', () => {
    const isOpening = template.name === 'new-lead/hello'
    const lead = { ...EVERYTHING.lead, firstName: 'Christopher' }
    const rendered = renderSms(template, { ...EVERYTHING, lead }, { firstText: isOpening })
    if (!rendered.ok) throw new Error(describeProblem(rendered.problem))
    expect(rendered.text).toMatch(GSM_7)
    expect(rendered.text.length, rendered.text).toBeLessThanOrEqual(160)
    expect(rendered.text).toContain('Acme')
    expect(rendered.text.includes('Reply STOP to opt out')).toBe(isOpening)
  })
})

describe('a folder with mistakes', () => {
  it('tells those of templates and cadences together', () => {
    const broken = files.map((file) =>
      file.path === 'cadences/new-lead.yaml'
        ? { ...file, text: file.text.replace('new-lead/still-here', 'new-lead/still-hree') }
        : file,
    )
    expect(parseCadenceSet(broken)).toMatchObject({
      ok: false,
      problems: [{ file: 'cadences/new-lead.yaml', code: 'unknown_template' }],
    })
    const more = [
      ...files,
      { path: 'cadences/copy.yaml', text: files[0]?.text ?? '' },
      { path: 'notes.txt', text: 'x' },
    ]
    const parsing = parseCadenceSet(more)
    const found = parsing.ok ? [] : parsing.problems.map(({ file, code }) => `${file} ${code}`)
    expect(found).toContain('notes.txt invalid_file_name')
    expect(found.some((each) => each.endsWith('duplicate_name'))).toBe(true)
  })

  it('does not blame cadences for templates that could not be read', () => {
    const broken = files.map((file) =>
      file.path === 'templates/new-lead/hello.sms.txt' ? { ...file, text: '{{ x }}' } : file,
    )
    const parsing = parseCadenceSet(broken)
    expect(parsing.ok ? [] : parsing.problems.map(({ code }) => code)).toEqual(['unknown_variable'])
  })
})

const START = instant(Date.parse('2026-11-24T02:30:00Z'))

/** The times at which a lead would be written to if nothing else stood in the way. */
function walked(cadence: Cadence, leadSeed: string) {
  const attempts: { channel: 'email' | 'sms'; at: Instant }[] = []
  let anchor = START
  let next = firstPosition(cadence)
  while (next.kind === 'step') {
    const { step } = next
    const due = dueAt({
      step,
      leadSeed,
      episodeSeed: 'episode',
      anchor,
      pausedMs: 0,
      zone: ZONE,
      previousAttempts: attempts,
      hours: cadence.preferredHours,
      spreadMs: 0,
    })
    if (step.kind === 'message') attempts.push({ channel: step.channel, at: due.at })
    anchor = due.at
    next = nextPosition(cadence, next.position)
  }
  return { attempts, endsAt: anchor + next.afterMs }
}

function named(name: string): Cadence {
  const found = cadences.find((cadence) => cadence.name === name)
  if (found === undefined) throw new Error(`no cadence ${name}`)
  return found
}

function shipped(parsing: CadenceSetParsing) {
  if (!parsing.ok) throw new Error(parsing.problems.map(describeProblem).join('\n'))
  return parsing
}

/** No braces, no double blanks, no blank before a full stop or comma: the traces of a gap. */
function tidy(text: string): boolean {
  return !/\{\{|\{%|null|undefined|[^\s]  |\s[,.!?](\s|$)/.test(text)
}
