import { type CompanySettings, DEFAULT_SETTINGS } from '../../domain/company/company.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { keepValue, readKept } from '../kept-value.ts'

/** What the company decided, with the defaults for what it did not. */
export async function readSettings(executor: Executor): Promise<CompanySettings> {
  // Only writeSettings writes it, from settings that the api has checked.
  const decided = ((await readKept(executor, 'company')) ?? {}) as Partial<CompanySettings>
  return {
    ...DEFAULT_SETTINGS,
    ...decided,
    company: { ...DEFAULT_SETTINGS.company, ...decided.company },
    tracking: { ...DEFAULT_SETTINGS.tracking, ...decided.tracking },
    caps: { ...DEFAULT_SETTINGS.caps, ...decided.caps },
    bounces: { ...DEFAULT_SETTINGS.bounces, ...decided.bounces },
    replies: { ...DEFAULT_SETTINGS.replies, ...decided.replies },
    watch: { ...DEFAULT_SETTINGS.watch, ...decided.watch },
    pace: { ...DEFAULT_SETTINGS.pace, ...decided.pace },
    scoring: { ...DEFAULT_SETTINGS.scoring, ...decided.scoring },
    revival: {
      ...DEFAULT_SETTINGS.revival,
      ...decided.revival,
      byReason: { ...DEFAULT_SETTINGS.revival.byReason, ...decided.revival?.byReason },
    },
  }
}

/** Keeps what the company decided. */
export async function writeSettings(
  trx: Executor,
  settings: CompanySettings,
  at: Instant,
): Promise<void> {
  await keepValue(trx, 'company', settings, at)
}
