import { deadDetails, deadSchema } from '../../api/schemas/dead.ts'
import { postOf } from '../../api/schemas/lead.ts'
import { validated } from '../../api/validate.ts'
import type { ParsedCadence } from '../../domain/cadence/set.ts'
import type { LeadId } from '../../domain/ids.ts'
import type { DeadReason } from '../../domain/lead.ts'
import { DAY_MS, plus } from '../../domain/time.ts'
import { act } from '../../leads/actions.ts'
import type { DeadBefore } from '../../leads/new-lead.ts'
import type { Post } from '../../leads/post.ts'
import { publish } from '../../leads/publish.ts'
import { upsertLead } from '../../leads/upsert.ts'
import { type Lab, labRules } from '../../local/lab.ts'
import { type CadenceInSet, daysFrom, readCadence, reasonFrom } from '../cadence-in-set.ts'
import { EXIT, type Exit } from '../exit.ts'
import { type PostedLead, readLeadFile } from '../lead-file.ts'
import { CliError } from '../problem.ts'
import { inLab } from '../story/quiet-lab.ts'
import { readStory, type Story } from '../story/read-story.ts'
import { storyJson } from '../story/story-json.ts'
import { daysOf, tellStory } from '../story/tell-story.ts'
import type { Terminal } from '../terminal.ts'

export interface RehearseOptions {
  readonly lead: string
  readonly days: string
  readonly dead?: string
}

/**
 * `rekindle rehearse CADENCE --lead FILE --days N`: one lead goes through one cadence in virtual
 * time, by the real workflow. Nothing leaves the machine and nothing stays.
 */
export async function rehearse(
  terminal: Terminal,
  [wanted = '']: readonly string[],
  options: RehearseOptions,
): Promise<Exit> {
  const days = daysFrom(options.days)
  const reason = reasonFrom(options.dead)
  const posted = readLeadFile(options.lead)
  const set: CadenceInSet = await readCadence(wanted)
  terminal.note('Starting a private Temporal server and a database in memory …')
  const story = await inLab(terminal, {}, async (lab) => {
    const { store } = lab.intake
    await store.transaction((trx) => publish(trx, set.files, 'rehearsal', lab.intake.now()))
    terminal.note(`The lead lives through ${days} days of ${set.cadence.cadence.name} …`)
    const leadId = await enter(lab, set.cadence, posted, reason)
    await lab.pass(leadId, days * DAY_MS)
    const { company } = await labRules(store)
    return readStory(store.db, leadId, company.timezone)
  })
  terminal.answer({ cadence: set.cadence.cadence.name, days, ...storyJson(story) })
  tell(terminal, set.cadence, story)
  return EXIT.ok
}

/** A nurture begins with the lead's own form; a revival, with a lead that was dead for a while. */
async function enter(
  lab: Lab,
  { cadence }: ParsedCadence,
  posted: PostedLead,
  reason: DeadReason,
): Promise<LeadId> {
  const { store, hashKeys, doorbell, now } = lab.intake
  const receivedAt = now()
  const nurture = cadence.purpose === 'nurture'
  const longAgo = plus(receivedAt, -365 * DAY_MS)
  const details = deadDetails(validated(deadSchema, { reason }), receivedAt)
  const dead: DeadBefore | null = nurture ? null : { details, at: longAgo }
  const post: Post = {
    ...postOf(posted, receivedAt),
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
  if (first !== undefined) return first.leadId
  throw new CliError(EXIT.no, {
    code: 'nothing_to_rehearse',
    message: 'The lead did not enter the cadence.',
    fix: 'Check that the lead of the file can be contacted at all.',
  })
}

function tell(terminal: Terminal, { cadence }: ParsedCadence, story: Story): void {
  terminal.say()
  terminal.say(
    terminal.paint('bold', `${cadence.title}, ${daysOf(story)} days; times of ${story.zone}`),
  )
  tellStory(terminal, story, { reasons: true, texts: true })
  terminal.say()
  if (story.next !== null) terminal.say(`What comes next: ${story.next}.`)
  terminal.say('Nothing was sent.')
}
