import { parseCadence } from '../../../domain/cadence/file/parse.ts'
import {
  describeProblem,
  inReadingOrder,
  type Problem,
} from '../../../domain/cadence/file/problems.ts'
import { type CadenceSetParsing, parseCadenceSet } from '../../../domain/cadence/file/set.ts'
import {
  describeWarning,
  type LintWarning,
  lintCadence,
  lintSet,
} from '../../../domain/cadence/lint/lint.ts'
import { DEFAULT_SETTINGS, engineRules } from '../../../domain/company/company.ts'
import { type TemplateSize, templateSizes } from '../../../domain/templates/text-sizes.ts'
import { textSizeWords } from '../../../domain/texts.ts'
import { compileLayouts } from '../../../leads/publishing/layouts.ts'
import { type CadenceFiles, readCadenceFiles, shownPath } from '../../cadence-files.ts'
import { count } from '../../count.ts'
import { EXIT, type Exit } from '../../exit.ts'
import type { Terminal } from '../../terminal.ts'

/** Only its length counts, for links in texts. */
const SAMPLE_URL = 'https://go.acme.example'

/** The shipped settings: which channels are set up is known where it is published. */
const LINT_BY = { rules: engineRules(DEFAULT_SETTINGS).policy, channels: null }

interface ValidCadence {
  readonly file: string
  readonly name: string
  readonly steps: number
  readonly checksum: string
}

interface Validation {
  readonly valid: readonly ValidCadence[]
  readonly problems: readonly Problem[]
  /** What is allowed and hardly meant. */
  readonly warnings: readonly LintWarning[]
  /** How big the texts come out, in the sample company's name. */
  readonly texts: readonly TemplateSize[]
}

export interface CadenceValidateOptions {
  readonly strict?: true
}

/**
 * `rekindle cadence validate FILE…`: every problem with its place and what to write instead, and
 * what is allowed and hardly meant. Warnings fail only with `--strict`.
 */
export async function validateCadences(
  terminal: Terminal,
  paths: readonly string[],
  { strict }: CadenceValidateOptions,
): Promise<Exit> {
  const files = readCadenceFiles(paths)
  const { valid, problems, warnings, texts } = await validate(files)
  terminal.answer({ valid: problems.length === 0, cadences: valid, problems, warnings, texts })
  for (const problem of problems) terminal.say(describeProblem(problem))
  for (const warning of warnings) terminal.say(describeWarning(warning))
  for (const { path } of files.loose) {
    terminal.note(`${path}: not in a folder "cadences", so its templates were not looked for.`)
  }
  if (problems.length > 0) {
    terminal.say(`${count(problems.length, 'problem')} found.`)
    return EXIT.no
  }
  for (const { file, name, steps } of valid) {
    terminal.say(`${file}: the cadence "${name}" is valid, ${count(steps, 'step')}.`)
  }
  for (const { template, variant, first } of texts) {
    const name = variant === null ? template : `${template}, ${variant}`
    terminal.say(`text ${name}: ${textSizeWords(first)} as a first text.`)
  }
  if (warnings.length > 0) terminal.say(`${count(warnings.length, 'warning')}.`)
  return strict && warnings.length > 0 ? EXIT.no : EXIT.ok
}

async function validate({ folders, loose }: CadenceFiles): Promise<Validation> {
  const valid: ValidCadence[] = []
  const problems: Problem[] = []
  const warnings: LintWarning[] = []
  const texts: TemplateSize[] = []
  for (const { root, files } of folders) {
    const parsing = parseCadenceSet(files)
    problems.push(...problemsOf(parsing, root))
    if (!parsing.ok) continue
    const layouts = await compileLayouts(parsing.templates, files)
    problems.push(...layouts.map((each) => ({ ...each, file: shownPath(root, each.file) })))
    const found = lintSet(parsing.cadences, { ...LINT_BY, templates: parsing.templates })
    warnings.push(...found.map((each) => ({ ...each, file: shownPath(root, each.file) })))
    texts.push(...templateSizes(parsing.templates, DEFAULT_SETTINGS.company, SAMPLE_URL))
    for (const { file, cadence, checksum } of parsing.cadences) {
      const { name, steps } = cadence
      valid.push({ file: shownPath(root, file), name, steps: steps.length, checksum })
    }
  }
  for (const { path, text } of loose) {
    const parsing = parseCadence(path, text)
    if (!parsing.ok) problems.push(...parsing.problems)
    else {
      const { name, steps } = parsing.cadence
      valid.push({ file: path, name, steps: steps.length, checksum: parsing.checksum })
      const input = { ...LINT_BY, templates: null, cadence: parsing.cadence }
      warnings.push(...lintCadence(path, text, input))
    }
  }
  return {
    valid,
    problems: inReadingOrder(problems),
    warnings: inReadingOrder(warnings),
    texts,
  }
}

function problemsOf(parsing: CadenceSetParsing, root: string): Problem[] {
  if (parsing.ok) return []
  return parsing.problems.map((problem) => ({ ...problem, file: shownPath(root, problem.file) }))
}
