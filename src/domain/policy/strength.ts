import type { Consent } from './types.ts'

/**
 * How well a consent could be proved; it counts either way. Weak: there are no words that it was
 * given to. Fair: there are. Strong: and its act left traces, a proof or both page and address.
 */
export type ConsentStrength = 'weak' | 'fair' | 'strong'

/** How well a consent could be proved: what was shown has to be defined, and seen by somebody. */
export function strengthOf({ disclosure, evidence }: Consent): ConsentStrength {
  if (disclosure === null || evidence === undefined) return 'weak'
  const { disclosureVersion, url, ip, proof } = evidence
  if (disclosureVersion === null) return 'weak'
  return proof || (url && ip) ? 'strong' : 'fair'
}

/** "strong evidence: disclosure web-2026-03, version 2; page; IP address". */
export function strengthWords(consent: Consent): string {
  const { disclosure, evidence } = consent
  const version = evidence?.disclosureVersion ?? null
  const shown =
    disclosure === null
      ? 'no disclosure is named'
      : version === null
        ? `nobody has defined the disclosure ${disclosure}`
        : `disclosure ${disclosure}, version ${version}`
  const traces = [
    evidence?.url && 'page',
    evidence?.ip && 'IP address',
    evidence?.proof && 'proof on file',
    evidence?.attested && 'attested by the source',
  ].filter((each) => typeof each === 'string')
  return `${strengthOf(consent)} evidence: ${[shown, ...traces].join('; ')}`
}
