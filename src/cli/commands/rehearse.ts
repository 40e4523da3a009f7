import { deadDetails, deadSchema } from '../../api/schemas/dead.ts'
import { validated } from '../../api/validate.ts'
import type { ParsedCadence } from '../../domain/cadence/file/set.ts'
import type { LeadId } from '../../domain/ids.ts'
import type { DeadReason } from '../../domain/lead.ts'
import type { Entry } from '../../domain/preview/types.ts'
import { DAY_MS, instant, plus } from '../../domain/time.ts'
import { act } from '../../leads/actions.ts'
import type { Post } from '../../leads/incoming/post.ts'
import { upsertLead } from '../../leads/incoming/upsert.ts'
import type { DeadBefore } from '../../leads/new-lead.ts'
import { publish } from '../../leads/publishing/publish.ts'
import { type Lab, labRules } from '../../local/lab.ts'
import { writeSettings } from '../../store/company/settings.ts'
import { inParallel } from '../../temporal/executions.ts'
import { type CadenceInSet, daysFrom, readCadence, reasonFrom } from '../cadence-in-set.ts'
import { count } from '../count.ts'
import { EXIT, type Exit } from '../exit.ts'
import { withShipped } from '../preview/preview-post.ts'
import { type NamedPost, readPosts } from '../preview/read-posts.ts'
import { readSettingsFile } from '../preview/read-settings.ts'
import { CliError } from '../problem.ts'
import { disagreements, previewInput } from '../story/compare.ts'
import { inLab } from '../story/quiet-lab.ts'
import { readStory, type Story } from '../story/read-story.ts'
import { storyJson } from '../story/story-json.ts'
import { daysOf, tellStory } from '../story/tell-story.ts'
import type { Terminal } from '../terminal.ts'

export interface RehearseOptions {
  readonly lead: string
  readonly days: string
  readonly dead?: string
  readonly compare?: true
  /** The company's settings; the shipped ones when absent. */
  readonly settings?: string
}

/** What one lead got, and where its preview says otherwise. */
interface Rehearsed {
  readonly name: string
  readonly story: Story
  /** null when nobody asked. */
  readonly disagreements: readonly string[] | null
}

/** Leads that live at once: more only wait for each other. */
const AT_ONCE = 4

/**
 * `rekindle rehearse CADENCE --lead FILE --days N`: leads go through one cadence in virtual time,
 * by the real workflow. Nothing leaves the machine and nothing stays.
 */
export async function rehearse(
  terminal: Terminal,
  [wanted = '']: readonly string[],
  options: RehearseOptions,
): Promise<Exit> {
  const days = daysFrom(options.days)
  const reason = reasonFrom(options.dead)
  const now = instant(Date.now())
  const posts = readPosts(options.lead, now)
  const settings = readSettingsFile(options.settings, now)
  const set: CadenceInSet = await readCadence(wanted)
  terminal.note('Starting a private Temporal server and a database in memory …')
  let seconds = 0
  const rehearsed = await inLab(terminal, {}, async (lab) => {
    const { store } = lab.intake
    await store.transaction(async (trx) => {
      await writeSettings(trx, settings, now)
      await publish(trx, set.files, 'rehearsal', lab.intake.now())
    })
    const who = posts.length === 1 ? 'The lead lives' : `${posts.length} leads live`
    terminal.note(`${who} through ${days} days of ${set.cadence.cadence.name} …`)
    const began = performance.now()
    const done = await allOf(posts, (post) =>
      live(lab, set, post, { days, reason, compare: options.compare === true }),
    )
    seconds = (performance.now() - began) / 1_000
    return done
  })
  const { name } = set.cadence.cadence
  const [first] = rehearsed
  const whole = { cadence: name, days, secondsPerLead: round(seconds / posts.length) }
  terminal.answer(
    rehearsed.length === 1 && first !== undefined
      ? { ...whole, ...toldJson(first) }
      : { ...whole, leads: rehearsed.map((each) => ({ lead: each.name, ...toldJson(each) })) },
  )
  for (const each of rehearsed) tell(terminal, set.cadence, each, rehearsed.length > 1)
  terminal.say('Nothing was sent.')
  const spent = `${count(posts.length, 'lead')} in ${round(seconds)} s`
  terminal.note(`${spent}: ${round(seconds / posts.length)} s for ${days} days of one.`)
  return rehearsed.some(({ disagreements: found }) => (found ?? []).length > 0) ? EXIT.no : EXIT.ok
}

/** In the order of the leads, a few at a time. */
async function allOf(
  posts: readonly NamedPost[],
  work: (post: NamedPost) => Promise<Rehearsed>,
): Promise<readonly Rehearsed[]> {
  const done: Rehearsed[] = []
  await inParallel(posts.entries(), AT_ONCE, async ([index, post]) => {
    done[index] = await work(post)
  })
  return done
}

async function live(
  lab: Lab,
  set: CadenceInSet,
  { name, post }: NamedPost,
  how: { readonly days: number; readonly reason: DeadReason; readonly compare: boolean },
): Promise<Rehearsed> {
  const { store } = lab.intake
  const { cadence } = set.cadence
  const { leadId, entry } = await enter(lab, set.cadence, post, how.reason)
  const ms = how.days * DAY_MS
  // A day less: the lead's own clock stops a moment before the last day is over.
  const compared = { cadence, entry, ms: ms - DAY_MS }
  const input = how.compare
    ? await previewInput(lab, leadId, await withShipped(set), compared)
    : null
  await lab.pass(leadId, ms)
  const { company } = await labRules(store)
  const story = await readStory(store.db, leadId, company.timezone)
  const found = input && (await disagreements(store.db, leadId, input, story.zone))
  return { name, story, disagreements: found }
}

/** A nurture begins with the lead's own form; a revival, with a lead that was dead for a while. */
async function enter(
  lab: Lab,
  { cadence }: ParsedCadence,
  posted: Post,
  reason: DeadReason,
): Promise<{ readonly leadId: LeadId; readonly entry: Entry }> {
  const { store, hashKeys, doorbell, now } = lab.intake
  const receivedAt = now()
  const nurture = cadence.purpose === 'nurture'
  const longAgo = plus(receivedAt, -365 * DAY_MS)
  const details = posted.dead?.details ?? deadDetails(validated(deadSchema, { reason }), receivedAt)
  const dead: DeadBefore | null = nurture ? null : { details, at: longAgo }
  const post: Post = {
    ...posted,
    ...(nurture
      ? { cadence: cadence.name, form: true, dead }
      : { cadence: null, form: false, dead }),
  }
  const rules = await labRules(store)
  const who = 'rehearsal'
  const rings = await store.transaction(async (trx) => {
    const context = {
      hashKeys,
      rules,
      via: who,
      receivedAt,
      begunBy: 'api',
      eventId: null,
    } as const
    const { lead, ring } = await upsertLead(trx, post, context)
    if (nurture) return ring === null ? [] : [ring]
    const action = { kind: 'revive', cadence: cadence.name } as const
    return (await act(trx, lead.id, action, { who, receivedAt, rules, eventId: null })).rings
  })
  doorbell.ring(rings)
  await doorbell.settle()
  const [first] = rings
  const entry: Entry = nurture ? { kind: 'form' } : { kind: 'revival', details }
  if (first !== undefined) return { leadId: first.leadId, entry }
  throw new CliError(EXIT.no, {
    code: 'nothing_to_rehearse',
    message: 'The lead did not enter the cadence.',
    fix: 'Check that the lead of the file can be contacted at all.',
  })
}

function toldJson({ story, disagreements: found }: Rehearsed) {
  return { ...storyJson(story), ...(found !== null && { disagreements: found }) }
}

function tell(
  terminal: Terminal,
  { cadence }: ParsedCadence,
  { name, story, disagreements: found }: Rehearsed,
  oneOfMany: boolean,
): void {
  const whose = oneOfMany ? `${name}: ` : ''
  terminal.say()
  terminal.say(
    terminal.paint(
      'bold',
      `${whose}${cadence.title}, ${daysOf(story)} days; times of ${story.zone}`,
    ),
  )
  tellStory(terminal, story, { reasons: true, texts: !oneOfMany })
  terminal.say()
  if (story.next !== null) terminal.say(`What comes next: ${story.next}.`)
  if (found?.length === 0) terminal.say('The preview says the same, touch by touch.')
  for (const sentence of found ?? [])
    terminal.say(terminal.paint('red', `Not as previewed: ${sentence}.`))
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10
}
