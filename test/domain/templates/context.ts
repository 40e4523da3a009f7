import type { TemplateContext } from '../../../src/domain/templates/types.ts'

const company = {
  name: 'Acme Energy Inc.',
  brand: 'Acme',
  postalAddress: '1 Main Street, Springfield, NY 10001',
  website: 'https://acme.example',
  bookingUrl: 'https://acme.example/book?from=mail&v=2',
  phone: '+1 212 555 0100',
}
const links = {
  unsubscribe: 'https://acme.example/u/token',
  why: () => 'https://acme.example/why/token',
}

/** What the engine does with links, made visible. */
export function tracked(url: string): string {
  return `https://acme.example/r/${encodeURIComponent(url)}`
}

/** A lead of whom everything is known. */
export const EVERYTHING: TemplateContext = {
  lead: {
    firstName: 'Ada',
    lastName: 'Byron',
    company: 'Engines & Sons',
    attributes: { plan: 'pro', seats: 12, trial: true, note: null },
  },
  company,
  owner: { name: 'Sam Lee', email: 'sam@acme.example', phone: '+1 212 555 0142' },
  dead: { reason: 'no_matching_offering', wanted: 'a heat pump', competitor: null },
  links,
  linkFor: tracked,
}

/** A lead of whom there is an address and no more. */
export const ALMOST_NOTHING: TemplateContext = {
  lead: { firstName: null, lastName: null, company: null, attributes: {} },
  company: { ...company, bookingUrl: null, phone: null },
  owner: null,
  dead: null,
  links,
  linkFor: tracked,
}
