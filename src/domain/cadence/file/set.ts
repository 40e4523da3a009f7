import { parseTemplates, type SourceFile } from '../../templates/parse.ts'
import type { Template } from '../../templates/types.ts'
import type { Cadence } from '../types.ts'
import { parseCadence } from './parse.ts'
import { inReadingOrder, type Problem } from './problems.ts'

export interface ParsedCadence {
  readonly file: string
  readonly text: string
  readonly cadence: Cadence
  /** SHA-256 of the text. */
  readonly checksum: string
}

export type CadenceSetParsing =
  | {
      readonly ok: true
      readonly cadences: readonly ParsedCadence[]
      readonly templates: readonly Template[]
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * Reads a company's folder: `cadences/*.yaml` and `templates/**`, as paths below it. All cadences
 * and templates are checked, each by itself and against the others.
 */
export function parseCadenceSet(files: readonly SourceFile[]): CadenceSetParsing {
  const isCadence = ({ path }: SourceFile) => /^cadences\/[^/]+\.ya?ml$/.test(path)
  const isTemplate = ({ path }: SourceFile) => path.startsWith('templates/')
  const templates = parseTemplates(files.filter(isTemplate))
  // With broken templates their names are not all known: that check would accuse the innocent.
  const known = templates.ok ? templates.templates : null
  const readings = files
    .filter(isCadence)
    .map(({ path, text }) => ({ path, text, parsing: parseCadence(path, text, known) }))
  const cadences = readings.flatMap(({ path, text, parsing }) =>
    parsing.ok ? [{ file: path, text, cadence: parsing.cadence, checksum: parsing.checksum }] : [],
  )
  const problems = [
    ...(templates.ok ? [] : templates.problems),
    ...readings.flatMap(({ parsing }) => (parsing.ok ? [] : parsing.problems)),
    ...files.filter((file) => !isCadence(file) && !isTemplate(file)).map(strayFile),
    ...cadences.flatMap((parsed, index) => repeatedName(parsed, cadences.slice(0, index))),
  ]
  if (!templates.ok || problems.length > 0) {
    return { ok: false, problems: inReadingOrder(problems) }
  }
  return { ok: true, cadences, templates: templates.templates }
}

function strayFile({ path }: SourceFile): Problem {
  const message = 'This is neither a cadence nor a template.'
  const fix = 'Put cadences in cadences/<name>.yaml and templates below templates/.'
  return { file: path, line: 1, column: 1, code: 'invalid_file_name', message, fix }
}

function repeatedName(
  { file, cadence }: ParsedCadence,
  before: readonly ParsedCadence[],
): readonly Problem[] {
  const other = before.find((each) => each.cadence.name === cadence.name)
  if (other === undefined) return []
  const message = `The cadence "${cadence.name}" is in ${other.file} already.`
  const fix = 'Give one of them another name.'
  return [{ file, line: 1, column: 1, code: 'duplicate_name', message, fix }]
}
