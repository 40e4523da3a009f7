import { EXIT, type Exit } from './exit.ts'

/** Why a command could not do what was asked, for a person and for a script. */
export interface Problem {
  readonly code: string
  /** One sentence: what is wrong. */
  readonly message: string
  /** One sentence: what to do next. */
  readonly fix: string
  /** What was done before it went wrong, where that is known. */
  readonly report?: unknown
}

/** A command gives up with a problem and the exit code that belongs to it. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly problem: Problem
  readonly exit: Exit

  constructor(exit: Exclude<Exit, 0>, problem: Problem) {
    super(problem.message)
    this.problem = problem
    this.exit = exit
  }
}

/** The command was given something it cannot work with. */
export function usageError(message: string, fix: string): CliError {
  return new CliError(EXIT.usage, { code: 'usage', message, fix })
}

/** Any error in the words of the command line; never a stack trace. */
export function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error
  if (saysWhatToDo(error)) {
    const { code, message, fix } = error
    return new CliError(exitOf(error), { code, message, fix })
  }
  return new CliError(EXIT.missing, {
    code: 'unexpected',
    message: `Something went wrong that nobody planned for: ${sentence(error)}.`,
    fix: 'Run `rekindle doctor`. If it finds nothing, report this sentence and the command.',
  })
}

type Helpful = Error & { readonly code: string; readonly fix: string }

/** The errors of the store, the mains and the api's refusals all carry a code and a fix. */
function saysWhatToDo(error: unknown): error is Helpful {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'fix' in error &&
    typeof error.fix === 'string'
  )
}

function exitOf({ code, name }: Helpful): Exclude<Exit, 0> {
  if (name === 'Refusal' || NOT_FIT.has(code)) return EXIT.no
  return WRITTEN_WRONGLY.has(code) ? EXIT.usage : EXIT.missing
}

/** What somebody has to decide or set before messages may leave. */
const NOT_FIT = new Set([
  'not_fit_to_go_live',
  'due_messages_undecided',
  'no_public_url',
  'no_way_in',
])

/** Settings that no service can mend. */
const WRITTEN_WRONGLY = new Set(['database_url_invalid', 'hash_key_invalid'])

function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error)
  const [first = ''] = text.split('\n')
  return first.replace(/\.$/, '')
}
