import { z } from 'zod'
import { ask, posting } from '../../data/client.ts'
import { withData } from '../../data/open.ts'
import { EXIT, type Exit } from '../../exit.ts'
import { resumeSchema, tellResume } from '../../resume-words.ts'
import type { Terminal } from '../../terminal.ts'

export interface CadencePauseOptions {
  readonly because?: string
}
export interface CadenceResumeOptions {
  readonly mode?: string
  readonly preview?: true
}

const pauseSchema = z.looseObject({
  pause: z.looseObject({ cadence: z.string(), because: z.string(), since: z.string() }),
})

/** `rekindle cadence pause NAME`: from the answer on nothing of it leaves. */
export async function pauseCadence(
  terminal: Terminal,
  [name = '']: readonly string[],
  { because }: CadencePauseOptions,
): Promise<Exit> {
  const path = pathOf(name, 'pause')
  const schema = pauseSchema.extend({ created: z.boolean() })
  const body = because === undefined ? {} : { because }
  const answer = await withData(terminal, (client) => ask(client, schema, path, posting(body)))
  terminal.answer(answer)
  const { pause, created } = answer
  terminal.say(`${pause.cadence} ${created ? 'is' : 'was already'} paused: ${pause.because}.`)
  terminal.say(`What resuming would do: rekindle cadence resume ${pause.cadence} --preview`)
  return EXIT.ok
}

/** `rekindle cadence resume NAME`: its leads go on, or only what that would do is told. */
export async function resumeCadence(
  terminal: Terminal,
  [name = '']: readonly string[],
  { mode, preview }: CadenceResumeOptions,
): Promise<Exit> {
  if (preview) {
    const { resume } = await withData(terminal, (client) =>
      ask(client, resumeSchema, pathOf(name, 'pause')),
    )
    terminal.answer(resume)
    tellResume(terminal, resume)
    return EXIT.ok
  }
  const schema = pauseSchema.extend({ mode: z.string(), woken: z.number(), bulk: z.string() })
  const body = mode === undefined ? {} : { mode }
  const answer = await withData(terminal, (client) =>
    ask(client, schema, pathOf(name, 'resume'), posting(body)),
  )
  terminal.answer(answer)
  terminal.say(`${name} goes on (${answer.mode}); ${answer.woken} leads are planned anew.`)
  terminal.say(`How far that has come: rekindle bulk show ${answer.bulk}`)
  return EXIT.ok
}

function pathOf(name: string, verb: 'pause' | 'resume'): string {
  return `/v1/cadences/${encodeURIComponent(name)}/${verb}`
}
