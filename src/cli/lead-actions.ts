import { usageError } from './problem.ts'

/** What may be said with an action, as the command line takes it. */
export interface LeadActionOptions {
  readonly cadence?: string
  readonly replace?: true
  readonly because?: string
  readonly mode?: string
  readonly preview?: true
  readonly step?: string
  readonly until?: string
  readonly for?: string
  readonly reason?: string
  readonly detail?: readonly string[]
  readonly note?: string
}

interface LeadAction {
  readonly does: string
  readonly options: readonly (readonly [flags: string, about: string])[]
  /** The body that the api takes. */
  readonly body: (given: LeadActionOptions) => Record<string, unknown>
}

const BECAUSE = ['--because <words>', 'why; shown to everybody who works with it'] as const

/** The actions on a lead by their names in the api. */
export const LEAD_ACTIONS: Readonly<Record<string, LeadAction>> = {
  enroll: {
    does: 'put it into a cadence: at once, or behind the one that it is in',
    options: [
      ['--cadence <name>', 'which cadence'],
      ['--replace', 'take it out of its cadence whatever the priorities say'],
    ],
    body: ({ cadence, replace }) => ({
      cadence: needed('cadence', cadence),
      ...(replace && { replace }),
    }),
  },
  pause: {
    does: 'hold it until it is resumed; its clock stands',
    options: [BECAUSE],
    body: ({ because }) => given({ because }),
  },
  resume: {
    does: 'let a held lead go on',
    options: [
      ['--mode <mode>', 'shift (when left out), skip-overdue or send-one'],
      ['--preview', 'only say what each mode would do'],
    ],
    body: ({ mode }) => given({ mode }),
  },
  skip: { does: 'skip the step that is planned', options: [], body: () => ({}) },
  jump: {
    does: 'go to another step of its cadence',
    options: [['--step <id>', 'which step']],
    body: ({ step }) => ({ step: needed('step', step) }),
  },
  hold: {
    does: 'hold it until a day, or for a while',
    options: [
      ['--until <time>', 'an instant, such as 2026-12-01T09:00:00Z'],
      ['--for <duration>', 'such as 7d'],
      BECAUSE,
    ],
    body: ({ until, for: long, because }) => given({ until, for: long, because }),
  },
  'send-now': {
    does: 'let the planned message leave without waiting for its hour; the law still holds',
    options: [],
    body: () => ({}),
  },
  'mark-dead': {
    does: 'give it up, for a reason',
    options: [
      ['--reason <reason>', 'such as competitor or not_interested'],
      ['--detail <name=value...>', 'what is recorded beside it, such as why=price'],
    ],
    body: ({ reason, detail = [] }) => ({ reason: needed('reason', reason), ...pairs(detail) }),
  },
  revive: {
    does: 'bring a dead lead back',
    options: [['--cadence <name>', 'the cadence that it begins; else that of its dead reason']],
    body: ({ cadence }) => given({ cadence }),
  },
  convert: {
    does: 'it bought',
    options: [['--note <words>', 'what is worth knowing']],
    body: ({ note }) => given({ note }),
  },
}

function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function needed(option: string, value: string | undefined): string {
  if (value !== undefined) return value
  throw usageError(`--${option} is missing.`, `Add --${option}; see the command's --help.`)
}

function pairs(details: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    details.map((detail) => {
      const [name = '', ...value] = detail.split('=')
      if (value.length > 0) return [name, value.join('=')]
      throw usageError(`--detail ${detail} is no name=value.`, 'Write it as why=price.')
    }),
  )
}
