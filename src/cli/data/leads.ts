import { z } from 'zod'
import { EXIT } from '../exit.ts'
import { CliError } from '../problem.ts'
import { ask, type DataClient, withQuery } from './client.ts'

/** What the command line reads of a lead; everything else is passed on as it came. */
export const leadSchema = z.looseObject({
  id: z.string(),
  externalId: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  status: z.string(),
  source: z.string(),
  owner: z.string().nullable(),
  dead: z.object({ reason: z.string(), since: z.string().nullable() }).loose().nullable(),
  cadence: z.object({ name: z.string(), step: z.string().nullable() }).loose().nullable(),
  holds: z.array(z.object({ because: z.string(), until: z.string().nullable() }).loose()),
  next: z.object({ at: z.string().nullable(), words: z.string().nullable() }).loose(),
})

export type ShownLead = z.output<typeof leadSchema>

export const leadPageSchema = z.object({
  items: z.array(leadSchema),
  cursor: z.string().nullable(),
})

/**
 * The id of the lead that a person means: by id, external id, email or phone.
 * @throws CliError (no) when none or several are meant
 */
export async function leadIdFor(client: DataClient, meant: string): Promise<string> {
  if (meant.startsWith('lead_')) return meant
  const { items } = await ask(client, leadPageSchema, withQuery('/v1/leads', { q: meant }))
  const exact = items.filter(({ externalId }) => externalId === meant)
  const [lead, another] = exact.length > 0 ? exact : items
  if (lead !== undefined && another === undefined) return lead.id
  throw new CliError(EXIT.no, {
    code: lead === undefined ? 'no_such_lead' : 'several_leads',
    message:
      lead === undefined
        ? 'No lead is known by this id, email, phone or external id.'
        : `${items.length} leads are found by this: ${items.map(({ id }) => id).join(', ')}.`,
    fix: lead === undefined ? 'Find it with `rekindle leads list`.' : 'Name one of them by its id.',
  })
}

/** What a person calls a lead: its name, else how it is reached. */
export function nameOf({ firstName, lastName, email, phone, id }: ShownLead): string {
  const name = [firstName, lastName].filter((part) => part !== null).join(' ')
  return name || email || phone || id
}
