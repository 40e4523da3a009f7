import { z } from 'zod'
import { ask, posting } from '../../data/client.ts'
import { leadIdFor, leadSchema, nameOf, type ShownLead } from '../../data/leads.ts'
import { withData } from '../../data/open.ts'
import { EXIT, type Exit } from '../../exit.ts'
import { LEAD_ACTIONS, type LeadActionOptions } from '../../lead-actions.ts'
import { CliError, usageError } from '../../problem.ts'
import { resumeSchema, tellResume } from '../../resume-words.ts'
import type { Terminal } from '../../terminal.ts'

const answerSchema = z.looseObject({
  lead: leadSchema,
  enrollment: z.looseObject({ status: z.string(), reason: z.string().optional() }).optional(),
})

/** `rekindle leads pause|resume|skip|… LEAD`: what the api's action of this name does. */
export async function actOnLead(
  terminal: Terminal,
  name: string,
  [meant = '']: readonly string[],
  options: LeadActionOptions,
): Promise<Exit> {
  const action = LEAD_ACTIONS[name]
  if (action === undefined) throw usageError(`There is no action ${name}.`, 'See the help.')
  return await withData(terminal, async (client) => {
    const leadId = await leadIdFor(client, meant)
    if (options.preview) {
      const { resume } = await ask(client, resumeSchema, `/v1/leads/${leadId}/pause`)
      terminal.answer(resume)
      tellResume(terminal, resume)
      return EXIT.ok
    }
    const path = `/v1/leads/${leadId}/${name}`
    const answer = await ask(client, answerSchema, path, posting(action.body(options)))
    terminal.answer(answer)
    const { enrollment } = answer
    if (enrollment !== undefined) {
      const reason = enrollment.reason === undefined ? '' : `: ${enrollment.reason}`
      terminal.say(`${enrollment.status}${reason}`)
    }
    tell(terminal, answer.lead)
    return EXIT.ok
  })
}

function tell(terminal: Terminal, lead: ShownLead): void {
  const cadence = lead.cadence === null ? '' : ` in ${lead.cadence.name}`
  const next = lead.next.words === null ? 'being planned' : lead.next.words
  terminal.say(`${nameOf(lead)} is ${lead.status}${cadence}; ${next}.`)
}

const queueSchema = z.object({
  lead: z.looseObject({ queue: z.array(z.looseObject({ id: z.string(), cadence: z.string() })) }),
})

/** `rekindle leads unqueue LEAD CADENCE`: takes a cadence out of its queue. */
export async function unqueueLead(
  terminal: Terminal,
  [meant = '', cadence = '']: readonly string[],
): Promise<Exit> {
  return await withData(terminal, async (client) => {
    const leadId = await leadIdFor(client, meant)
    const { lead } = await ask(client, queueSchema, `/v1/leads/${leadId}`)
    const queued = lead.queue.find((each) => each.cadence === cadence)
    if (queued === undefined) {
      const waiting = lead.queue.map((each) => each.cadence).join(', ')
      throw new CliError(EXIT.no, {
        code: 'not_in_queue',
        message: `${cadence} does not wait for this lead.`,
        fix: waiting === '' ? 'Nothing waits.' : `What waits: ${waiting}.`,
      })
    }
    const path = `/v1/leads/${leadId}/queue/${encodeURIComponent(queued.id)}`
    const answer = await ask(client, answerSchema, path, { method: 'DELETE' })
    terminal.answer(answer)
    terminal.say(`${cadence} does not begin any more.`)
    tell(terminal, answer.lead)
    return EXIT.ok
  })
}
