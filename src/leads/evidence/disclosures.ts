import type { Channel, ConsentBasis } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import { audit } from '../../store/company/audit.ts'
import type { Executor } from '../../store/executor.ts'
import { newId } from '../../store/new-id.ts'
import {
  type AttestationRow,
  type DisclosureRow,
  disclosureShown,
} from '../../store/people/disclosures.ts'
import { invalidField, Refusal } from '../intake.ts'

export interface NewDisclosure {
  readonly id: string
  readonly channel: Channel
  readonly text: string
  /** Since when people are shown it; it may lie in the past. */
  readonly since: Instant
}

interface Writer {
  readonly who: string
  readonly at: Instant
}

/**
 * Defines a disclosure, or its next version when its text changed; a version never changes. The
 * same text again changes nothing.
 * @throws Refusal 409 when it is one of another channel, 422 for dates that make no order
 */
export async function defineDisclosure(
  trx: Executor,
  { id, channel, text, since }: NewDisclosure,
  { who, at }: Writer,
): Promise<{ disclosure: DisclosureRow; created: boolean }> {
  if (since > at) {
    throw invalidField('since', 'It lies in the future.', 'Define it when it is shown.')
  }
  const last = await trx
    .selectFrom('disclosures')
    .selectAll()
    .where('id', '=', id)
    .orderBy('version', 'desc')
    .limit(1)
    .forUpdate()
    .executeTakeFirst()
  if (last !== undefined && last.channel !== channel) {
    throw new Refusal(
      409,
      'other_channel',
      'A disclosure of this id was defined for another channel.',
      'Give the other channel’s disclosure an id of its own.',
    )
  }
  if (last?.text === text) return { disclosure: last, created: false }
  if (last !== undefined && since < last.since_at) {
    throw invalidField(
      'since',
      'The version before it was shown from a later day on.',
      'Say since when the new text is shown; earlier consents keep the earlier text.',
    )
  }
  const disclosure: DisclosureRow = {
    id,
    version: (last?.version ?? 0) + 1,
    channel,
    text,
    since_at: since,
    created_at: at,
    created_by: who,
  }
  await trx.insertInto('disclosures').values(disclosure).execute()
  const details = { disclosure: id, version: disclosure.version }
  await audit(trx, { who, action: 'define_disclosure', leadId: null, at, details })
  return { disclosure, created: true }
}

export interface NewAttestation {
  readonly source: string
  readonly channel: Channel
  readonly basis: Exclude<ConsentBasis, 'none'>
  readonly disclosure: string
  readonly from: Instant
  readonly until: Instant | null
  /** The contract or certificate that it rests on. */
  readonly because: string
}

/**
 * A source vouches that each of its leads gave this consent before it came. It counts for leads
 * that came between its dates, also for those on file, until it is withdrawn; it never lifts a stop.
 * @throws Refusal 422 for a disclosure that nobody has defined, or dates that make no span
 */
export async function attest(
  trx: Executor,
  input: NewAttestation,
  { who, at }: Writer,
): Promise<AttestationRow> {
  const { source, channel, basis, disclosure, from, until, because } = input
  if (until !== null && until <= from) {
    throw invalidField('until', 'It does not lie after "from".', 'Leave it out, or correct it.')
  }
  if ((await disclosureShown(trx, disclosure, channel, at)) === null) {
    throw invalidField(
      'disclosure',
      'Nobody has defined this disclosure for the channel.',
      'Define it first, with its text: POST /v1/disclosures.',
    )
  }
  const row: AttestationRow = {
    id: newId('attestation'),
    source,
    channel,
    basis,
    disclosure,
    from_at: from,
    until_at: until,
    because,
    by: who,
    created_at: at,
    withdrawn_at: null,
    withdrawn_by: null,
  }
  await trx.insertInto('attestations').values(row).execute()
  const details = { attestation: row.id, source, channel, basis, disclosure, from, until }
  await audit(trx, { who, action: 'attest_consent', leadId: null, at, details })
  return row
}

/** Withdraws what a source attested, for all its leads at once. @throws Refusal 404 */
export async function withdrawAttestation(
  trx: Executor,
  id: string,
  { who, at }: Writer,
): Promise<AttestationRow> {
  const row = await trx
    .updateTable('attestations')
    .set({ withdrawn_at: at, withdrawn_by: who })
    .where('id', '=', id)
    .where('withdrawn_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) {
    throw new Refusal(
      404,
      'no_such_attestation',
      'No attestation in force has this id.',
      'List them with GET /v1/attestations.',
    )
  }
  const details = { attestation: id, source: row.source }
  await audit(trx, { who, action: 'withdraw_attestation', leadId: null, at, details })
  return row
}
