import { z } from 'zod'
import { sampleFieldsOf } from '../../domain/company/company.ts'
import { toIso } from '../../domain/time.ts'
import { Refusal } from '../../leads/intake.ts'
import { isoOrNull } from '../../leads/views/view.ts'
import { createKey, listKeys, revokeKey } from '../../store/company/api-keys.ts'
import { audit } from '../../store/company/audit.ts'
import { readSettings } from '../../store/company/settings.ts'
import { changeSettings } from '../change-settings.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'
import { text } from '../schemas/common.ts'
import { settingsSchema, settingsView } from '../schemas/settings.ts'

const TAG = 'Settings and keys'

/** What the company decides, and the keys of those who may call. */
export function settingsRoutes(deps: ApiDeps): Api {
  const api = newApi()
  settings(api, deps)
  keys(api, deps)
  return api
}

function settings(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: '/v1/settings',
      tag: TAG,
      summary: 'What the company decided',
      answer: 'The settings; `sample` names the fields that still speak for the sample company.',
    },
    async () => {
      const current = await readSettings(deps.store.db)
      const sample = sampleFieldsOf(current.company)
      return { body: { settings: settingsView(current), sample } }
    },
  )
  write(
    api,
    deps,
    'patch',
    {
      path: '/v1/settings',
      tag: TAG,
      summary: 'Change settings',
      description: 'Fields that are absent stay as they are. Durations read "90d", "12h", "15m".',
      body: settingsSchema,
      example: {
        company: {
          name: 'Acme Example, Inc.',
          brand: 'Acme Example',
          postalAddress: '1 Example Street, New York, NY 10001',
          timezone: 'America/New_York',
          from: { name: 'Sam of Acme Example', email: 'sam@acme.example' },
        },
        trackerOrigins: ['https://www.acme.example'],
        textPrices: { currency: 'USD', perSegment: { '+1': '0.0083' } },
        closingMargin: '15m',
        closedDays: [
          { date: '2026-12-24', states: ['LA'], note: 'proclaimed by the governor' },
          { date: '2026-12-31', note: 'the office is closed' },
        ],
        countryPacks: [],
        overrides: [],
        revival: { byReason: { competitor: { quiet: '120d' } } },
      },
      answer: 'The settings as they are now.',
    },
    async (trx, { body, who, now }) => {
      const changed = await changeSettings(trx, () => body, who, now)
      return {
        body: { settings: settingsView(changed), sample: sampleFieldsOf(changed.company) },
      }
    },
  )
}

function keys(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: '/v1/keys',
      tag: TAG,
      summary: 'List keys, without what they are',
      answer: 'The keys.',
    },
    async () => {
      const rows = await listKeys(deps.store.db)
      return {
        body: {
          items: rows.map(({ id, name, purpose, created_at, revoked_at }) => ({
            id,
            name,
            purpose,
            createdAt: toIso(created_at),
            revokedAt: isoOrNull(revoked_at),
          })),
        },
      }
    },
  )
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/keys',
      tag: TAG,
      summary: 'Make a key',
      description:
        'An `api` key may do everything under /v1. A `write` key only reports visits, and may stand in a web page. The key is told this once; the call takes no Idempotency-Key, so that no answer keeps it.',
      body: z.strictObject({ name: text(100), purpose: z.enum(['api', 'write']) }),
      example: { name: 'website', purpose: 'write' },
      answer: 'The key.',
      answerExample: { id: 'key_…', key: 'wk_…' },
    },
    async (trx, { c, body, who, now }) => {
      if (c.req.header('Idempotency-Key') !== undefined) throw noIdempotency()
      const made = await createKey(trx, body.name, body.purpose, now)
      const details = { keyId: made.id, purpose: body.purpose }
      await audit(trx, { who, action: 'key_created', leadId: null, at: now, details })
      return { status: 201, body: made }
    },
  )
  write(
    api,
    deps,
    'delete',
    { path: '/v1/keys/:id', tag: TAG, summary: 'Revoke a key', answer: 'Done.' },
    async (trx, { c, who, now }) => {
      const keyId = c.req.param('id') ?? ''
      if (!(await revokeKey(trx, keyId, now))) {
        const fix = 'List them with GET /v1/keys.'
        throw new Refusal(404, 'no_such_key', 'No key that works has this id.', fix)
      }
      await audit(trx, { who, action: 'key_revoked', leadId: null, at: now, details: { keyId } })
      return { body: { status: 'revoked' } }
    },
  )
}

function noIdempotency(): Refusal {
  return new Refusal(
    422,
    'no_idempotency_here',
    'A new key is never kept, so it cannot be answered twice.',
    'Leave out the Idempotency-Key; revoke a key that got lost.',
  )
}
