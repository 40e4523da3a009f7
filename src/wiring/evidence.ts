import { performance } from 'node:perf_hooks'
import type { SmsChannel } from '../channels/types.ts'
import { type Instant, MINUTE_MS, plus } from '../domain/time.ts'
import type { Intake } from '../leads/intake.ts'
import { settleByProvider } from '../leads/messages/delivery.ts'
import { textReport } from '../leads/messages/text-report.ts'
import type { Store } from '../store/connect.ts'
import type { TouchRow } from '../store/touches.ts'
import type { Log } from '../temporal/log.ts'
import { createLoop, type Loop } from '../temporal/loop.ts'

export interface EvidenceOptions {
  readonly intake: Pick<Intake, 'store' | 'doorbell' | 'now'>
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
  const { intake, log } = options
  const everyMs = options.everyMs ?? EVERY_MS
  return createLoop({
    name: 'evidence',
    log,
    restAfterFailureMs: everyMs,
    turn: async () => {
      const since = plus(intake.now(), -ASK_FOR_MS)
      for (const touch of await uncertainTexts(intake.store, since)) {
        const began = performance.now()
        const settled = await ask(options, touch)
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

async function ask({ intake, sms, ledgerKey }: EvidenceOptions, touch: TouchRow): Promise<boolean> {
  const { store } = intake
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
  const report = textReport(found.status, found.errorCode) ?? { kind: 'accepted' }
  const settled = await intake.store.transaction((trx) =>
    settleByProvider(trx, ledgerKey, touch.id, {
      providerId: found.providerId,
      report,
      evidence: 'found in the provider’s list',
      at: intake.now(),
    }),
  )
  intake.doorbell.ring(settled.rings)
  return settled.changed
}
