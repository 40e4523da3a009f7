import { nearest } from '../../domain/cadence/file/problems.ts'
import type { FieldProblem } from '../intake.ts'

/** The columns of an import, as they are written in the docs. */
export const IMPORT_COLUMNS = [
  'externalId',
  'firstName',
  'lastName',
  'company',
  'email',
  'phone',
  'state',
  'zip',
  'timezone',
  'language',
  'source',
  'cost',
  'currency',
  'owner',
  'tags',
  'smsConsentAt',
  'smsConsentBasis',
  'smsConsentDisclosure',
  'smsConsentSource',
  'emailConsentAt',
  'emailConsentBasis',
  'emailConsentDisclosure',
  'emailConsentSource',
  'deadReason',
  'deadAt',
  'deadDetail',
  'deadCompetitor',
  'deadWhy',
  'deadContractEnds',
  'deadWanted',
  'deadFault',
  'deadWords',
  'deadUntil',
  'deadCriterion',
  'deadEvidence',
  'deadHow',
  'deadContactPoint',
] as const
export type ImportColumn = (typeof IMPORT_COLUMNS)[number]

/** What other systems call the same thing, without signs and in small letters. */
const ALIASES: Readonly<Record<string, ImportColumn>> = {
  id: 'externalId',
  crmid: 'externalId',
  leadid: 'externalId',
  emailaddress: 'email',
  mail: 'email',
  phonenumber: 'phone',
  mobile: 'phone',
  mobilephone: 'phone',
  cell: 'phone',
  telephone: 'phone',
  zipcode: 'zip',
  postalcode: 'zip',
  postcode: 'zip',
  timezonename: 'timezone',
  tz: 'timezone',
  locale: 'language',
  lang: 'language',
  leadsource: 'source',
  costamount: 'cost',
  costcurrency: 'currency',
  companyname: 'company',
  organization: 'company',
  account: 'company',
  leadowner: 'owner',
  reason: 'deadReason',
  lostreason: 'deadReason',
  competitor: 'deadCompetitor',
  lostat: 'deadAt',
  givenname: 'firstName',
  surname: 'lastName',
  familyname: 'lastName',
}

const known = new Map<string, ImportColumn>([
  ...IMPORT_COLUMNS.map((column) => [plain(column), column] as const),
  ...Object.entries(ALIASES),
])

/** A cell belongs to a column of ours, or is kept as an attribute under its own name. */
export type Header =
  | { readonly kind: 'column'; readonly column: ImportColumn }
  | { readonly kind: 'attribute'; readonly name: string }

export type HeadersReading =
  | { readonly ok: true; readonly headers: readonly Header[] }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

/**
 * Reads the first line of an import. Case, spaces, hyphens and underscores do not count;
 * "attributes.plan" becomes the attribute "plan". What is unknown is refused, because a column
 * that is silently left out is found missing months later.
 */
export function readHeaders(names: readonly string[]): HeadersReading {
  const problems: FieldProblem[] = []
  const seen = new Set<string>()
  const headers = names.flatMap((name): Header[] => {
    const header = headerOf(name)
    if (header === null) {
      problems.push(unknownColumn(name))
      return []
    }
    const key = header.kind === 'column' ? header.column : `attributes.${header.name}`
    if (seen.has(key)) problems.push(twice(name, key))
    seen.add(key)
    return [header]
  })
  if (!seen.has('email') && !seen.has('phone')) problems.push(NOBODY_TO_REACH)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, headers }
}

function headerOf(name: string): Header | null {
  const attribute = /^attributes?[.:]\s*(.+)$/i.exec(name.trim())?.[1]
  if (attribute !== undefined) return { kind: 'attribute', name: attribute.trim() }
  const column = known.get(plain(name))
  return column === undefined ? null : { kind: 'column', column }
}

function unknownColumn(name: string): FieldProblem {
  const meant = nearest(name, IMPORT_COLUMNS)
  const keep = `Name it "attributes.${name.trim()}" to keep it, or remove it.`
  return {
    field: name,
    message: 'There is no such column.',
    fix: meant === null ? keep : `Did you mean "${meant}"? ${keep}`,
  }
}

function twice(name: string, key: string): FieldProblem {
  return { field: name, message: `Two columns mean "${key}".`, fix: 'Keep one of them.' }
}

const NOBODY_TO_REACH: FieldProblem = {
  field: 'email',
  message: 'There is neither an email nor a phone column.',
  fix: 'Add one of them; the first line of the file names the columns.',
}

function plain(name: string): string {
  return name.replaceAll(/[\s_\-./]/g, '').toLowerCase()
}
