import type { z } from 'zod'
import type { CompanySettings } from '../domain/company/company.ts'
import type { Instant } from '../domain/time.ts'
import { requireCadence } from '../leads/enrollment.ts'
import { audit } from '../store/company/audit.ts'
import { readSettings, writeSettings } from '../store/company/settings.ts'
import type { Executor } from '../store/executor.ts'
import { overridesAudit } from './schemas/policy-settings.ts'
import { settingsSchema, settingsWith } from './schemas/settings.ts'
import { validated } from './validate.ts'

type Given = z.output<typeof settingsSchema>

/**
 * Lays what `who` gives over the settings, which are locked, and audits it. Returns the settings
 * as they are now. @throws Refusal 422 for a cadence that is not published
 */
export async function changeSettings(
  trx: Executor,
  given: (before: CompanySettings) => Given,
  who: string,
  now: Instant,
): Promise<CompanySettings> {
  await trx.selectFrom('settings').select('key').where('key', '=', 'company').forUpdate().execute()
  const before = await readSettings(trx)
  const body = given(before)
  const changed = settingsWith(before, body, who, now)
  if (body.defaultCadence !== undefined) {
    await requireCadence(trx, body.defaultCadence, 'defaultCadence')
  }
  if (body.watch?.silentCadence !== undefined) {
    await requireCadence(trx, body.watch.silentCadence, 'watch.silentCadence')
  }
  await writeSettings(trx, changed, now)
  const details = { fields: Object.keys(body), ...overridesAudit(before, changed) }
  await audit(trx, { who, action: 'settings', leadId: null, at: now, details })
  return changed
}

/** The same for what somebody wrote. @throws Refusal 422 that names each field */
export function changeWrittenSettings(
  trx: Executor,
  written: (before: CompanySettings) => unknown,
  who: string,
  now: Instant,
): Promise<CompanySettings> {
  return changeSettings(trx, (before) => validated(settingsSchema, written(before)), who, now)
}
