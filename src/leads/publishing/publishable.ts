import { suggest } from '../../domain/cadence/file/problems.ts'
import type { ParsedCadence } from '../../domain/cadence/file/set.ts'
import type { Cadence } from '../../domain/cadence/types.ts'
import { type EngineRules, sampleFieldsOf } from '../../domain/company/company.ts'
import type { PolicyRules } from '../../domain/policy/types.ts'
import type { Template } from '../../domain/templates/types.ts'
import { Refusal } from '../intake.ts'

type EmailSet = { readonly templates: readonly Template[] }

/**
 * What the files by themselves cannot know: emails are published by a company that says who it is
 * and where (15 U.S.C. 7704(a)(5)), and a cadence is about a topic that people find in the
 * preference centre. The sample company will do only while nothing leaves the machine.
 * @throws Refusal 422
 */
export function requirePublishable(
  set: EmailSet & { readonly cadences: readonly ParsedCadence[] },
  { company, topics, policy }: Pick<EngineRules, 'company' | 'topics' | 'policy'>,
  outbound: Outbound,
): void {
  const identity = { name: company.name, postalAddress: company.postalAddress }
  const blank = Object.entries(identity).find(([, value]) => value.trim() === '')?.[0]
  if (blank !== undefined && hasEmails(set)) {
    throw new Refusal(
      422,
      'company_incomplete',
      `Every email must say who writes and from where: company.${blank} is empty.`,
      'Complete the company with PATCH /v1/settings, then publish again.',
    )
  }
  for (const { file, cadence } of set.cadences) requireCalendars(file, cadence, policy)
  const sample = sampleFieldsOf(company)
  if (outbound !== 'catch' && sample.length > 0 && hasEmails(set)) {
    throw new Refusal(422, 'company_sample', sampleWords(sample), SAMPLE_FIX)
  }
  const ids = topics.map(({ id }) => id)
  for (const { file, cadence } of set.cadences) {
    if (cadence.topic == null || ids.includes(cadence.topic)) continue
    throw new Refusal(
      422,
      'unknown_topic',
      `${file}: there is no topic "${cadence.topic}" in the settings.`,
      ids.length === 0 ? 'Add it to topics with PATCH /v1/settings.' : suggest(cadence.topic, ids),
    )
  }
}

/** A calendar that nobody keeps would close no day: the cadence means one that is there. */
function requireCalendars(file: string, cadence: Cadence, { calendars = {} }: PolicyRules): void {
  const known = Object.keys(calendars)
  const unknown = calendarsOf(cadence).find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new Refusal(
    422,
    'unknown_calendar',
    `${file}: there is no calendar "${unknown}" in the settings.`,
    known.length === 0 ? 'Add it to calendars with PATCH /v1/settings.' : suggest(unknown, known),
  )
}

function calendarsOf({ blackouts = [], steps }: Cadence): readonly string[] {
  return [
    ...blackouts,
    ...steps.flatMap((step) => (step.kind === 'message' ? (step.blackouts ?? []) : [])),
  ]
}

/** Where messages go: to nobody, to a list, or to everybody. */
export type Outbound = 'catch' | 'allowlist' | 'live'

const SAMPLE_FIX =
  'Set the company: `rekindle settings apply FILE` (docs/going-live.md has a file to begin with).'

/** The sample company stands below emails that were published: nothing may leave in its name. */
export function companyWarnings(set: EmailSet, { company }: Pick<EngineRules, 'company'>) {
  const sample = sampleFieldsOf(company)
  if (sample.length === 0 || !hasEmails(set)) return []
  return [{ code: 'company_sample', message: sampleWords(sample), fix: SAMPLE_FIX }]
}

function hasEmails({ templates }: EmailSet): boolean {
  return templates.some(({ channel }) => channel === 'email')
}

function sampleWords(fields: readonly string[]): string {
  return `Every email would be signed by the sample company, which does not exist: ${fields.join(', ')}.`
}
