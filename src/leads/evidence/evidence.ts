import { sql } from 'kysely'
import type { Consent, DoNotCallFacts } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import type { LeadRow } from '../../store/leads.ts'

/** The version of the consent's disclosure that was shown when it was given. */
export function shownAt(at: string) {
  return sql<number | null>`(
    select max(d.version) from disclosures d
    where d.id = consents.disclosure and d.channel = consents.channel and d.since_at <= ${sql.ref(at)}
  )`
}

export const attestedVersion = sql<number | null>`(
  select max(d.version) from disclosures d
  where d.id = attestations.disclosure and d.channel = attestations.channel
)`

interface ConsentRow extends Omit<Consent, 'byLead' | 'evidence'> {
  readonly by_lead: boolean
  readonly version: number | null
  readonly hasUrl: unknown
  readonly hasIp: unknown
  readonly hasProof: unknown
}

/** A stored consent as the policy sees it, with what could be shown for it. */
export function asConsent(row: ConsentRow): Consent {
  const { channel, basis, disclosure, at, source, by_lead: byLead } = row
  const evidence = {
    disclosureVersion: row.version,
    url: row.hasUrl === true || /^https?:/i.test(source),
    ip: row.hasIp === true,
    proof: row.hasProof === true,
    attested: false,
  }
  return { channel, basis, disclosure, at, source, byLead, evidence }
}

/** What a source vouches for was given before its lead came, and by the lead to nobody of us. */
export function asAttested(
  row: Pick<Consent, 'channel' | 'basis' | 'disclosure' | 'source'> & { version: number | null },
  lead: LeadRow,
): Consent {
  const { version: disclosureVersion, ...consent } = row
  const evidence = { disclosureVersion, url: false, ip: false, proof: false, attested: true }
  return { ...consent, at: lead.created_at, byLead: false, evidence }
}

/** What the newest national list says of a number; only its own area codes are covered. */
export function doNotCall(
  phone: string | null,
  list: { readonly as_of: Instant; readonly area_codes: readonly string[] } | null,
  listed: boolean,
): DoNotCallFacts {
  const areaCode = phone?.startsWith('+1') ? phone.slice(2, 5) : ''
  return {
    listed,
    asOf: list?.as_of ?? null,
    covered: list?.area_codes.includes(areaCode) ?? false,
  }
}
