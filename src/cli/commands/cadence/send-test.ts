import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { ask, posting } from '../../data/client.ts'
import { withData } from '../../data/open.ts'
import { EXIT, type Exit } from '../../exit.ts'
import type { Terminal } from '../../terminal.ts'

export interface SendTestOptions {
  readonly to: string
  readonly mine?: true
  readonly firstName?: string
  readonly language?: string
}

const testSchema = z.looseObject({
  test: z.looseObject({
    id: z.string(),
    channel: z.string(),
    subject: z.string().nullable(),
    state: z.enum(['due', 'sending', 'sent', 'failed', 'uncertain']),
    because: z.string().nullable(),
  }),
})

/** A worker takes it within seconds; without one it waits. */
const WAIT_MS = 30_000
const LOOK_EVERY_MS = 500

/** `rekindle cadence send-test NAME STEP --to me@…`: one message to oneself, by the real channel. */
export async function sendTest(
  terminal: Terminal,
  [name = '', step = '']: readonly string[],
  { to, mine, firstName, language }: SendTestOptions,
): Promise<Exit> {
  const lead = {
    ...(firstName !== undefined && { firstName }),
    ...(language !== undefined && { language }),
  }
  const body = { step, to, mine: mine ?? false, lead }
  const path = `/v1/cadences/${encodeURIComponent(name)}/test-send`
  return await withData(terminal, async (client) => {
    let { test } = await ask(client, testSchema, path, posting(body))
    for (const end = Date.now() + WAIT_MS; isOpen(test.state) && Date.now() < end; ) {
      await pause(LOOK_EVERY_MS)
      test = (await ask(client, testSchema, `/v1/test-sends/${test.id}`)).test
    }
    terminal.answer({ test })
    terminal.say(wordsOf(test))
    return test.state === 'failed' ? EXIT.no : EXIT.ok
  })
}

function isOpen(state: string): boolean {
  return state === 'due' || state === 'sending'
}

function wordsOf({
  id,
  channel,
  subject,
  state,
  because,
}: z.output<typeof testSchema>['test']): string {
  const what = channel === 'email' ? `The email "${subject ?? ''}"` : 'The text'
  switch (state) {
    case 'sent':
      return `${what} was taken by the provider.`
    case 'failed':
      return `${what} was not sent: ${because ?? ''}`
    case 'uncertain':
      return `${what} may have been sent: ${because ?? ''}`
    case 'due':
    case 'sending':
      return `${what} waits for a worker. Look again: GET /v1/test-sends/${id}`
  }
}
