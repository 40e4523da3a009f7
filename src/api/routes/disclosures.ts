import { z } from 'zod'
import { CHANNELS } from '../../domain/policy/types.ts'
import { toIso } from '../../domain/time.ts'
import { attest, defineDisclosure, withdrawAttestation } from '../../leads/evidence/disclosures.ts'
import { isoOrNull } from '../../leads/views/view.ts'
import {
  type AttestationRow,
  allAttestations,
  allDisclosures,
  type DisclosureRow,
} from '../../store/people/disclosures.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'
import { instantSchema, text } from '../schemas/common.ts'

const TAG = 'Consent'

const disclosureSchema = z.strictObject({
  id: text(200),
  channel: z.enum(CHANNELS),
  text: text(10_000),
  since: instantSchema.nullish(),
})

const attestationSchema = z.strictObject({
  source: text(200),
  channel: z.enum(CHANNELS),
  basis: z.enum(['express_written', 'express', 'implied']),
  disclosure: text(200),
  from: instantSchema,
  until: instantSchema.nullish(),
  because: text(1_000),
})

const EXAMPLE_TEXT =
  'By ticking this box I agree that Acme Example may text me offers at this number, also by automated means. Consent is no condition of a purchase. Reply STOP to end.'

/** What people are shown when they consent, and what sources vouch for. */
export function disclosureRoutes(deps: ApiDeps): Api {
  const api = newApi()
  read(
    api,
    deps,
    {
      path: '/v1/disclosures',
      tag: TAG,
      summary: 'List disclosures',
      answer: 'Every version of every disclosure, the newest of each first.',
    },
    async () => ({ body: { items: (await allDisclosures(deps.store.db)).map(shownDisclosure) } }),
  )
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/disclosures',
      tag: TAG,
      summary: 'Define a disclosure, or its next version',
      description:
        'A version never changes. `since` says from when on people are shown it (now, when left out): a consent counts as given to the version that was shown at its time.',
      body: disclosureSchema,
      example: {
        id: 'web-2026-03',
        channel: 'sms',
        text: EXAMPLE_TEXT,
        since: '2026-03-01T00:00:00Z',
      },
      answer: 'The version in force; 201 when it is new.',
    },
    async (trx, { body, who, now }) => {
      const input = { ...body, since: body.since ?? now }
      const { disclosure, created } = await defineDisclosure(trx, input, { who, at: now })
      return { status: created ? 201 : 200, body: { disclosure: shownDisclosure(disclosure) } }
    },
  )
  read(
    api,
    deps,
    {
      path: '/v1/attestations',
      tag: TAG,
      summary: 'List what sources vouch for',
      answer: 'The newest first; what was withdrawn too.',
    },
    async () => ({
      body: { items: (await allAttestations(deps.store.db)).map(shownAttestation) },
    }),
  )
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/attestations',
      tag: TAG,
      summary: 'A source vouches for the consent of all its leads',
      description:
        'For purchased lists and partners. It counts for leads that came from the source between the dates, also for those on file, until it is withdrawn. It lifts no stop. It stands in the audit log.',
      body: attestationSchema,
      example: {
        source: 'acme-leads',
        channel: 'sms',
        basis: 'express_written',
        disclosure: 'web-2026-03',
        from: '2026-03-01T00:00:00Z',
        because: 'contract of 2026-02-20, § 4; certificates at the partner',
      },
      answer: 'The attestation.',
    },
    async (trx, { body, who, now }) => {
      const row = await attest(trx, { ...body, until: body.until ?? null }, { who, at: now })
      return { status: 201, body: { attestation: shownAttestation(row) } }
    },
  )
  write(
    api,
    deps,
    'delete',
    {
      path: '/v1/attestations/:id',
      tag: TAG,
      summary: 'Withdraw what a source vouched for',
      description: 'From then on it counts for none of its leads.',
      answer: 'The attestation.',
    },
    async (trx, { c, who, now }) => {
      const row = await withdrawAttestation(trx, c.req.param('id') ?? '', { who, at: now })
      return { body: { attestation: shownAttestation(row) } }
    },
  )
  return api
}

function shownDisclosure(row: DisclosureRow) {
  return {
    id: row.id,
    version: row.version,
    channel: row.channel,
    text: row.text,
    since: toIso(row.since_at),
    createdAt: toIso(row.created_at),
    createdBy: row.created_by,
  }
}

function shownAttestation(row: AttestationRow) {
  return {
    id: row.id,
    source: row.source,
    channel: row.channel,
    basis: row.basis,
    disclosure: row.disclosure,
    from: toIso(row.from_at),
    until: isoOrNull(row.until_at),
    because: row.because,
    by: row.by,
    createdAt: toIso(row.created_at),
    withdrawnAt: isoOrNull(row.withdrawn_at),
    withdrawnBy: row.withdrawn_by,
  }
}
