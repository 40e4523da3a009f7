import type { LeadId } from '../../domain/ids.ts'
import type { Channel, ConsentBasis } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { addConsent } from '../../store/people/consents.ts'
import type { KeyedPoint } from '../../store/people/contact-points.ts'
import type { FieldProblem } from '../intake.ts'

/** A consent as it was posted. */
export interface ConsentInput {
  readonly channel: Channel
  readonly basis: ConsentBasis
  readonly disclosure: string | null
  /** When it was given; null: when it was received. */
  readonly at: Instant | null
  /** Where it was given: a page, a form, a partner. */
  readonly source: string
  readonly ip: string | null
  /** The page on which it was given. */
  readonly url?: string | null
  /** Where more can be found: a certificate, a recording. */
  readonly proof?: string | null
}

export interface ConsentsTaken {
  /** At least one was new. */
  readonly changed: boolean
  /** The lead itself has just given an express one. */
  readonly fresh: boolean
  readonly warnings: readonly FieldProblem[]
}

/**
 * Records consents for the contact points they are about. `byLead` is true only when the lead
 * itself gave them with this very act: a consent that came by list or sync never lifts a stop.
 */
export async function takeConsents(
  trx: Executor,
  leadId: LeadId,
  points: readonly KeyedPoint[],
  consents: readonly ConsentInput[],
  { byLead, receivedAt }: { readonly byLead: boolean; readonly receivedAt: Instant },
): Promise<ConsentsTaken> {
  let changed = false
  let fresh = false
  const warnings: FieldProblem[] = []
  for (const [index, consent] of consents.entries()) {
    const kind = consent.channel === 'email' ? 'email' : 'phone'
    const point = points.find((each) => each.kind === kind)
    if (point === undefined) {
      warnings.push(nowhereToKeep(index, kind))
      continue
    }
    if (consent.at !== null && consent.at > receivedAt) warnings.push(fromTheFuture(index))
    const { isNew, shown } = await addConsent(trx, {
      ...consent,
      url: consent.url ?? null,
      proof: consent.proof ?? null,
      contactHash: point.hash,
      leadId,
      // A consent from the future would outlive every stop until then.
      at: consent.at === null || consent.at > receivedAt ? receivedAt : consent.at,
      byLead,
      receivedAt,
    })
    const weak = weakEvidence(index, consent, shown)
    if (weak !== null) warnings.push(weak)
    changed ||= isNew
    fresh ||= byLead && (consent.basis === 'express' || consent.basis === 'express_written')
  }
  return { changed, fresh, warnings }
}

/**
 * A written consent is recorded and counts as it is told; without words that can be shown for it,
 * its evidence is weak, and whoever posts it hears so.
 */
function weakEvidence(
  index: number,
  { channel, basis, disclosure }: ConsentInput,
  shown: number | null,
): FieldProblem | null {
  if (channel !== 'sms' || basis !== 'express_written') return null
  const field = `consents.${index}.disclosure`
  if (disclosure === null) {
    return {
      field,
      message: 'The written consent names no disclosure; it counts, and its evidence is weak.',
      fix: 'Name the disclosure that the lead was shown.',
    }
  }
  if (shown !== null) return null
  return {
    field,
    message:
      'Nobody has defined this disclosure for that time; the consent counts, and its evidence is weak.',
    fix: 'Define it once, with its text and since when it is shown: POST /v1/disclosures.',
  }
}

function nowhereToKeep(index: number, kind: 'email' | 'phone'): FieldProblem {
  return {
    field: `consents.${index}`,
    message: `The lead has no ${kind} that this consent could be about; it was not kept.`,
    fix: `Post the ${kind} together with the consent.`,
  }
}

function fromTheFuture(index: number): FieldProblem {
  return {
    field: `consents.${index}.at`,
    message: 'The consent is dated in the future; it counts from now on.',
    fix: 'Check the clock of the sender, and that the time carries its offset.',
  }
}
