import { z } from 'zod'
import type { Terminal } from './terminal.ts'

/** What resuming would do, as the api tells it. */
export const resumeSchema = z.looseObject({
  resume: z.looseObject({
    leads: z.number(),
    modes: z.array(z.object({ mode: z.string(), does: z.string() })),
  }),
})

/** Says what each mode would do. */
export function tellResume(
  terminal: Terminal,
  { leads, modes }: z.output<typeof resumeSchema>['resume'],
): void {
  terminal.say(leads === 1 ? 'One lead goes on.' : `${leads} leads go on.`)
  for (const { mode, does } of modes) terminal.say(`${terminal.paint('bold', mode)}: ${does}`)
}
