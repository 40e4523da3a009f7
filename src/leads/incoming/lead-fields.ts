import { normalizeEmail, normalizePhone } from '../../domain/contact.ts'
import { json } from '../../store/json.ts'
import type { LeadPatch, LeadRow } from '../../store/leads.ts'
import { canonical } from '../../store/ledger.ts'
import type { PointValue } from '../../store/people/contact-points.ts'
import { type FieldProblem, Refusal } from '../intake.ts'

/** A lead as it was posted. A field that is absent stays as it is; null empties it. */
export interface LeadInput {
  readonly externalId?: string | null | undefined
  readonly firstName?: string | null | undefined
  readonly lastName?: string | null | undefined
  readonly company?: string | null | undefined
  readonly email?: string | null | undefined
  readonly phone?: string | null | undefined
  readonly state?: string | null | undefined
  readonly zip?: string | null | undefined
  /** IANA zone. */
  readonly timezone?: string | null | undefined
  /** BCP 47, in its one spelling. */
  readonly language?: string | null | undefined
  readonly source?: string | undefined
  /** Decimal text, e.g. "12.50", and an ISO 4217 code. */
  readonly cost?: { readonly amount: string; readonly currency: string } | null | undefined
  readonly owner?: string | null | undefined
  readonly tags?: readonly string[] | undefined
  readonly attributes?: Readonly<Record<string, unknown>> | undefined
}

/** A lead whose email and phone are in their one spelling. */
export interface ReadLead extends Omit<LeadInput, 'email' | 'phone'> {
  /** undefined: not said; null: to be removed. */
  readonly email: string | null | undefined
  readonly phone: string | null | undefined
}

/**
 * Reads the contact points of a posted lead.
 * @throws Refusal 422 with a problem per field that cannot be read
 */
export function readLead(input: LeadInput, prefix = 'lead.'): ReadLead {
  const problems: FieldProblem[] = []
  const read = (
    field: 'email' | 'phone',
    normalise: (raw: string) => ReturnType<typeof normalizeEmail | typeof normalizePhone>,
  ): string | null | undefined => {
    const raw = input[field]
    if (raw === undefined || raw === null) return raw
    const result = normalise(raw)
    if (result.ok) return result.value
    problems.push({ field: `${prefix}${field}`, message: result.because, fix: result.fix })
    return undefined
  }
  const email = read('email', normalizeEmail)
  const phone = read('phone', (raw) => normalizePhone(raw))
  if (problems.length > 0) {
    const [first] = problems
    throw new Refusal(422, 'invalid_field', first?.message ?? '', first?.fix ?? '', { problems })
  }
  return { ...input, email, phone }
}

/** The contact points that the lead was posted with. */
export function pointsOf({ email, phone }: ReadLead): PointValue[] {
  return [
    ...(email ? [{ kind: 'email' as const, value: email }] : []),
    ...(phone ? [{ kind: 'phone' as const, value: phone }] : []),
  ]
}

/** The columns that no date and no condition of a cadence can hang on. */
const NEVER_ASKED: readonly string[] = ['external_id']

/**
 * The columns that differ from what is stored, whether the lead may be elsewhere now, and whether
 * anything changed that a cadence may ask for.
 */
export function changesOf(
  lead: LeadRow,
  input: ReadLead,
): { readonly patch: LeadPatch; readonly moved: boolean; readonly told: boolean } {
  const wanted: LeadPatch = {
    ...(input.firstName !== undefined && { first_name: input.firstName }),
    ...(input.lastName !== undefined && { last_name: input.lastName }),
    ...(input.company !== undefined && { company: input.company }),
    ...(input.state !== undefined && { state: input.state }),
    ...(input.zip !== undefined && { zip: input.zip }),
    ...(input.timezone !== undefined && { timezone: input.timezone }),
    ...(input.language !== undefined && { language: input.language }),
    ...(input.source !== undefined && { source: input.source }),
    ...(input.cost !== undefined && {
      cost_amount: input.cost?.amount ?? null,
      cost_currency: input.cost?.currency ?? null,
    }),
    ...(input.owner !== undefined && { owner: input.owner }),
    // The first name a company gave stays: its systems know the lead by it.
    ...(input.externalId != null && lead.external_id === null
      ? { external_id: input.externalId }
      : {}),
  }
  const patch = Object.fromEntries(
    Object.entries(wanted).filter(([key, value]) => Reflect.get(lead, key) !== value),
  ) as LeadPatch
  if (input.tags !== undefined && json(input.tags) !== json(lead.tags))
    patch.tags = json(input.tags)
  if (input.attributes !== undefined) {
    const merged = { ...lead.attributes, ...input.attributes }
    if (canonical(merged) !== canonical(lead.attributes)) patch.attributes = json(merged)
  }
  return {
    patch,
    moved: 'state' in patch || 'zip' in patch || 'timezone' in patch,
    told: Object.keys(patch).some((column) => !NEVER_ASKED.includes(column)),
  }
}
