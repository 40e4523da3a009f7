import type {
  Consent,
  PolicyContactPoint,
  PolicyPerson,
  Suppression,
} from '../../../src/domain/policy/types.ts'
import { type Instant, instant } from '../../../src/domain/time.ts'

export const at = (iso: string): Instant => instant(Date.parse(iso))

export const point = (value: string): PolicyContactPoint => ({
  value,
  validity: 'unknown',
  invalidBecause: null,
})

export const written = (when = '2026-11-01T12:00:00Z', more: Partial<Consent> = {}): Consent => ({
  channel: 'sms',
  basis: 'express_written',
  disclosure: 'web-2026-03',
  at: at(when),
  source: 'https://acme.example/quote',
  byLead: true,
  ...more,
})

export const suppressed = (when: string, more: Partial<Suppression> = {}): Suppression => ({
  channel: 'sms',
  cause: 'opt_out',
  at: at(when),
  ...more,
})

/** A person in New York who may be written to and texted. */
export const person = (more: Partial<PolicyPerson> = {}): PolicyPerson => ({
  erased: false,
  email: point('ada@example.com'),
  phone: point('+12125550142'),
  state: null,
  zip: null,
  timezone: null,
  consents: [written()],
  suppressions: [],
  recent: [],
  freshForm: false,
  cadence: null,
  stops: [],
  ...more,
})
