import { parseCadence } from '../../domain/cadence/parse.ts'
import { describeProblem, inReadingOrder, type Problem } from '../../domain/cadence/problems.ts'
import { type CadenceSetParsing, parseCadenceSet } from '../../domain/cadence/set.ts'
import { DEFAULT_SETTINGS } from '../../domain/company.ts'
import { type TemplateSize, templateSizes } from '../../domain/templates/text-sizes.ts'
import { textSizeWords } from '../../domain/texts.ts'
import { compileLayouts } from '../../leads/layouts.ts'
import { type CadenceFiles, readCadenceFiles, shownPath } from '../cadence-files.ts'
import { count } from '../count.ts'
import { EXIT, type Exit } from '../exit.ts'
import type { Terminal } from '../terminal.ts'

/** Only its length counts, for links in texts. */
const SAMPLE_URL = 'https://go.acme.example'

interface ValidCadence {
  readonly file: string
  readonly name: string
  readonly steps: number
  readonly checksum: string
}

interface Validation {
  readonly valid: readonly ValidCadence[]
  readonly problems: readonly Problem[]
  /** How big the texts come out, in the sample company's name. */
  readonly texts: readonly TemplateSize[]
}

/** `rekindle cadence validate FILE…`: every problem with its place and what to write instead. */
export async function validateCadences(
  terminal: Terminal,
  paths: readonly string[],
): Promise<Exit> {
  const files = readCadenceFiles(paths)
  const { valid, problems, texts } = await validate(files)
  terminal.answer({ valid: problems.length === 0, cadences: valid, problems, texts })
  for (const problem of problems) terminal.say(describeProblem(problem))
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
  return EXIT.ok
}

async function validate({ folders, loose }: CadenceFiles): Promise<Validation> {
  const valid: ValidCadence[] = []
  const problems: Problem[] = []
  const texts: TemplateSize[] = []
  for (const { root, files } of folders) {
    const parsing = parseCadenceSet(files)
    problems.push(...problemsOf(parsing, root))
    if (!parsing.ok) continue
    const layouts = await compileLayouts(parsing.templates)
    problems.push(...layouts.map((each) => ({ ...each, file: shownPath(root, each.file) })))
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
    }
  }
  return { valid, problems: inReadingOrder(problems), texts }
}

function problemsOf(parsing: CadenceSetParsing, root: string): Problem[] {
  if (parsing.ok) return []
  return parsing.problems.map((problem) => ({ ...problem, file: shownPath(root, problem.file) }))
}
