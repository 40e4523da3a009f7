import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { settingsSchema, settingsWith } from '../../api/schemas/settings.ts'
import { validated } from '../../api/validate.ts'
import { type CompanySettings, DEFAULT_SETTINGS } from '../../domain/company/company.ts'
import type { Instant } from '../../domain/time.ts'
import { usageError } from '../problem.ts'

/**
 * The shipped settings with those of a JSON or YAML file laid over them: what PATCH /v1/settings
 * takes, or GET /v1/settings answers. Without a file the shipped ones.
 * @throws CliError (usage) for a file that cannot be read; Refusal that names the field
 */
export function readSettingsFile(path: string | undefined, now: Instant): CompanySettings {
  if (path === undefined) return DEFAULT_SETTINGS
  let value: unknown
  try {
    value = parse(readFileSync(path, 'utf8'))
  } catch {
    const fix = 'Name a JSON or YAML file with settings, as PATCH /v1/settings takes them.'
    throw usageError(`The settings "${path}" cannot be read.`, fix)
  }
  return settingsWith(DEFAULT_SETTINGS, validated(settingsSchema, value), 'preview', now)
}
