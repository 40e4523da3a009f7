import { performance } from 'node:perf_hooks'
import type { SmsChannel } from '../channels/types.ts'
import { type Instant, instant, MINUTE_MS } from '../domain/time.ts'
import type { Store } from '../store/connect.ts'
import { resolveUncertain } from '../store/alerts.ts'
import { appendLedger } from '../store/ledger.ts'
import { lockLead } from '../store/leads.ts'
import type { TouchRow } from '../store/touches.ts'
import type { Log } from '../temporal/log.ts'
import { createLoop, type Loop } from '../temporal/loop.ts'

export interface EvidenceOptions {
  readonly store: Store
  readonly sms: SmsChannel
  readonly ledgerKey: Buffer
  readonly log: Log
  readonly everyMs?: number
}

const EVERY_MS = 15_000
/** A text that the provider does not list by then stays uncertain: nothing more can be asked. */
const ASK_FOR_MS = 10 * MINUTE_MS
const AT_ONCE = 20

/**
 * Asks the provider what became of uncertain texts, by recipient, time and body. What it finds
 * settles the touch; what it does not find proves nothing, and nothing is ever sent again.
 */
export function createEvidenceLoop(options: EvidenceOptions): Loop {
  const { store, sms, log, ledgerKey } = options
  const everyMs = options.everyMs ?? EVERY_MS
  return createLoop({
    name: 'evidence',
    log,
    restAfterFailureMs: everyMs,
    turn: async () => {
      const since = instant(Date.now() - ASK_FOR_MS)
      for (const touch of await uncertainTexts(store, since)) {
        const began = performance.now()
        const settled = await ask(store, sms, ledgerKey, touch)
        const tookMs = Math.round(performance.now() - began)
        if (settled) log.info({ touch: touch.id, tookMs }, 'an uncertain text was found')
      }
      return everyMs
    },
  })
}

function uncertainTexts(store: Store, since: Instant): Promise<TouchRow[]> {
  return store.db
    .selectFrom('touches')
    .selectAll()
    .where('state', '=', 'uncertain')
    .where('channel', '=', 'sms')
    .where('evidence', 'is', null)
    .where('dispatched_wall_at', '>', since)
    .orderBy('dispatched_wall_at')
    .limit(AT_ONCE)
    .execute()
}

async function ask(
  store: Store,
  sms: SmsChannel,
  ledgerKey: Buffer,
  touch: TouchRow,
): Promise<boolean> {
  const point = await store.db
    .selectFrom('contact_points')
    .select('value')
    .where('hash', '=', touch.contact_hash)
    .where('lead_id', '=', touch.lead_id)
    .executeTakeFirst()
  if (!point || touch.text === null || touch.dispatched_wall_at === null) return false
  const taken = await store.db
    .selectFrom('touches')
    .select('provider_id')
    .where('contact_hash', '=', touch.contact_hash)
    .where('provider_id', 'is not', null)
    .execute()
  const found = await sms.find({
    to: point.value,
    body: touch.text,
    sentAfter: touch.dispatched_wall_at,
    except: taken.flatMap(({ provider_id }) => provider_id ?? []),
  })
  if (found.kind !== 'found') return false
  return store.transaction(async (trx) => {
    const lead = await lockLead(trx, touch.lead_id)
    const settled = await trx
      .updateTable('touches')
      .set({
        state: 'sent',
        provider_id: found.providerId,
        evidence: 'found in the provider’s list',
      })
      .where('id', '=', touch.id)
      .where('state', '=', 'uncertain')
      .returning('id')
      .executeTakeFirst()
    if (!lead || !settled) return false
    await appendLedger(trx, ledgerKey, lead, [
      {
        kind: 'outcome',
        at: instant(Date.now()),
        meta: { touch: touch.id, state: 'sent', evidence: 'provider_list' },
        payload: { providerId: found.providerId },
      },
    ])
    await resolveUncertain(trx, lead.id, instant(Date.now()))
    return true
  })
}
