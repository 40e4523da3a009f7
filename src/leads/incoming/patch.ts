import type { EngineRules } from '../../domain/company/company.ts'
import type { LeadId, SignalId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import { audit } from '../../store/company/audit.ts'
import type { Executor } from '../../store/executor.ts'
import type { HashKeys } from '../../store/hash-key.ts'
import { type LeadRow, lockLead } from '../../store/leads.ts'
import { newId } from '../../store/new-id.ts'
import { holdContactKeys, ownersOf } from '../../store/people/contact-points.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { accept } from '../accept.ts'
import { type FieldProblem, noSuchLead, Refusal, ringOf } from '../intake.ts'
import { loadPerson } from '../people.ts'
import { dataWarnings } from './channels.ts'
import { type LeadInput, pointsOf, type ReadLead, readLead } from './lead-fields.ts'
import { wantLineType } from './phone-types.ts'
import { replanNow, whyReplan, writeChanges } from './update-lead.ts'

export interface PatchContext {
  readonly hashKeys: HashKeys
  readonly rules: EngineRules
  readonly via: string
  readonly receivedAt: Instant
}

export interface Patched {
  readonly lead: LeadRow
  readonly warnings: readonly FieldProblem[]
  readonly ring: Ring | null
}

/**
 * Changes a lead that is named by its id. New contact data is a signal: it may revive a dead
 * lead by the rules of its reason.
 * @throws Refusal 404, 409 (the email belongs to another lead; the person was erased), 422
 */
export async function patchKnownLead(
  trx: Executor,
  leadId: LeadId,
  body: LeadInput,
  context: PatchContext,
): Promise<Patched> {
  const { hashKeys, via, receivedAt } = context
  const input = readLead(body, '')
  const points = await holdContactKeys(trx, hashKeys, pointsOf(input), receivedAt)
  await refuseTakenEmail(trx, leadId, input)
  const lead = await lockLead(trx, leadId)
  if (lead === null) throw noSuchLead()
  if (lead.status === 'erased') throw gone()
  const before = lead.revision
  const changes = await writeChanges(trx, lead, input, points, context)
  const details = { fields: Object.keys(body) }
  await audit(trx, { who: via, action: 'patch', leadId, details, at: receivedAt })
  if (changes.contact.length > 0) {
    const id = newId<SignalId>('signal')
    const signal = { kind: 'contact_changed', payload: { what: changes.contact } } as const
    await accept(trx, lead, { id, signal, via, receivedAt })
  }
  const stale = lead.revision === before ? whyReplan(changes) : null
  if (stale !== null) await replanNow(trx, lead, stale)
  const { policy, phoneHash } = await loadPerson(trx, lead, receivedAt)
  await wantLineType(trx, lead, phoneHash, context)
  return {
    lead,
    warnings: dataWarnings(policy, context.rules.policy),
    ring: lead.revision > before ? ringOf(lead, 'patch') : null,
  }
}

async function refuseTakenEmail(trx: Executor, leadId: LeadId, input: ReadLead): Promise<void> {
  if (input.email == null) return
  const owners = await ownersOf(trx, { kind: 'email', value: input.email })
  const other = owners.find((owner) => owner.current && owner.leadId !== leadId)
  if (other === undefined) return
  throw new Refusal(
    409,
    'two_leads',
    'This email belongs to another lead.',
    'Mark one of the two as a duplicate of the other.',
    { about: { leadIds: [leadId, other.leadId] } },
  )
}

function gone(): Refusal {
  const fix = 'Post the person as a new lead if they return.'
  return new Refusal(409, 'erased', 'The person was erased.', fix)
}
