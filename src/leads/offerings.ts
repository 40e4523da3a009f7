import { PRIORITY } from '../domain/contract.ts'
import { id, type LeadId, type SignalId } from '../domain/ids.ts'
import { matchOffering, type Offering } from '../domain/offerings.ts'
import type { Instant } from '../domain/time.ts'
import { audit } from '../store/company/audit.ts'
import {
  addMatches,
  findOffering,
  type OfferingMatchRow,
  type OfferingRow,
  offeringNamed,
  retire,
  saveOffering,
  settleMatch,
  takeWaiting,
  unmetWishes,
} from '../store/company/offerings.ts'
import type { Executor } from '../store/executor.ts'
import { lockLead } from '../store/leads.ts'
import { newId } from '../store/new-id.ts'
import type { Ring } from '../temporal/doorbell.ts'
import { accept } from './accept.ts'
import { Refusal, ringOf } from './intake.ts'

export interface OfferingInput extends Offering {
  readonly description: string | null
}

interface By {
  readonly who: string
  readonly at: Instant
}

/**
 * Adds what the company offers now, and finds whom it lost for want of it. They are told at a
 * bounded rate (`tellOfOfferings`), never all at once.
 * @throws Refusal 409 when an offering of this name is there
 */
export async function addOffering(
  trx: Executor,
  input: OfferingInput,
  { who, at }: By,
): Promise<OfferingRow> {
  const known = await offeringNamed(trx, input.name)
  if (known !== null) throw nameTaken(known.id)
  const id: string = newId('offering')
  await keep(trx, id, input, { who, at }, 'offering_added')
  return await requireOffering(trx, id)
}

/**
 * Changes an offering; whom the new words and tags find besides is told as well.
 * @throws Refusal 404, 409
 */
export async function changeOffering(
  trx: Executor,
  id: string,
  change: Partial<OfferingInput>,
  by: By,
): Promise<OfferingRow> {
  const before = await requireOffering(trx, id)
  const { name, description, tags, words } = before
  const input = { name, description, tags, words, ...change }
  const namesake = await offeringNamed(trx, input.name)
  if (namesake !== null && namesake.id !== id) throw nameTaken(namesake.id)
  await keep(trx, id, input, by, 'offering_changed')
  return await requireOffering(trx, id)
}

/**
 * Takes an offering out of the catalogue.
 * @throws Refusal 404
 */
export async function withdrawOffering(trx: Executor, id: string, { who, at }: By): Promise<void> {
  await requireOffering(trx, id)
  await retire(trx, id, at)
  await audit(trx, { who, action: 'offering_withdrawn', leadId: null, at, details: { id } })
}

/** How many lost leads an offering would be told to, before anybody adds it. */
export async function countMatches(executor: Executor, offering: Offering): Promise<number> {
  let count = 0
  for await (const matches of findMatches(executor, offering)) count += matches.length
  return count
}

async function keep(
  trx: Executor,
  id: string,
  input: OfferingInput,
  { who, at }: By,
  action: 'offering_added' | 'offering_changed',
): Promise<void> {
  await saveOffering(trx, { ...input, id, by: who, at })
  for await (const matches of findMatches(trx, input)) await addMatches(trx, id, matches, at)
  await audit(trx, { who, action, leadId: null, at, details: { id, name: input.name } })
}

const PAGE = 1_000

/** Lost leads whose wish the offering answers, and why, a page at a time. */
async function* findMatches(executor: Executor, offering: Offering) {
  let after: LeadId | null = null
  for (;;) {
    const leads = await unmetWishes(executor, after, PAGE)
    yield leads.flatMap(({ id: leadId, dead_details: dead, tags }) => {
      const wanted = dead?.reason === 'no_matching_offering' ? dead.wanted : null
      const because = matchOffering(offering, { wanted, tags })
      return because === null ? [] : [{ leadId, because }]
    })
    const last = leads.at(-1)
    if (leads.length < PAGE || last === undefined) return
    after = last.id
  }
}

/**
 * Tells the workflows of some leads that wait for it that what they wanted is there now. Whether
 * it revives them is for the rules of revival. Ring what it answers after the commit.
 */
export async function tellOfOfferings(
  trx: Executor,
  { limit, now }: { readonly limit: number; readonly now: Instant },
): Promise<Ring[]> {
  const rings: Ring[] = []
  for (const match of await takeWaiting(trx, limit)) {
    rings.push(...(await tell(trx, match, now)))
  }
  return rings
}

async function tell(trx: Executor, match: OfferingMatchRow, at: Instant): Promise<Ring[]> {
  const offering = await findOffering(trx, match.offering_id)
  const lead = await lockLead(trx, match.lead_id)
  const pass = async (because: string) => {
    await settleMatch(trx, match, { state: 'passed', because, at })
    return []
  }
  if (offering === null || lead === null) return await pass('it is no longer there')
  if (lead.dead_reason !== 'no_matching_offering') {
    return await pass('the lead is no longer lost for want of an offering')
  }
  const accepted = await accept(trx, lead, {
    id: id<SignalId>(`offering:${offering.id}:${lead.id}`),
    signal: { kind: 'offering_added', payload: { offering: offering.name } },
    via: 'offerings',
    receivedAt: at,
    priority: PRIORITY.import,
  })
  if (accepted.kind !== 'accepted') return await pass('it was told before')
  await settleMatch(trx, match, { state: 'told', because: match.because, at })
  return accepted.rings ? [ringOf(accepted.lead, 'offering_added', PRIORITY.import)] : []
}

async function requireOffering(executor: Executor, id: string): Promise<OfferingRow> {
  const row = await findOffering(executor, id)
  if (row !== null && row.retired_at === null) return row
  throw new Refusal(
    404,
    'no_such_offering',
    'No offering of this id is in the catalogue.',
    'List them with GET /v1/offerings.',
  )
}

function nameTaken(id: string): Refusal {
  return new Refusal(
    409,
    'offering_exists',
    'An offering of this name is in the catalogue already.',
    `Change it with PATCH /v1/offerings/${id}.`,
    { about: { id } },
  )
}
