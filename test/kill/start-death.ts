import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isAlive } from '../../src/local/temporal/process-identity.ts'
import { until } from '../support/until.ts'
import { type Api, apiAt, postedId } from './http.ts'
import { type OurProcess, startProcess } from './rig.ts'

const startedSchema = z.object({ privateUrl: z.url(), keysFile: z.string() })
const keysSchema = z.object({ api: z.string() })
const identitySchema = z.object({ pid: z.number(), startedAt: z.string() })
const runningSchema = z.object({ processes: z.array(identitySchema).min(1) })
const outboxSchema = z.object({ items: z.array(z.object({ touch: z.string().nullable() })) })
const timelineSchema = z.object({
  items: z.array(z.object({ kind: z.string(), title: z.string(), details: z.unknown() })),
})

/** As `npm start` does, on a folder and ports of its own. */
async function start(folder: string): Promise<{ whole: OurProcess; api: Api }> {
  const whole = startProcess(['src/cli.ts', 'start', '--json'], {
    REKINDLE_DATA_DIR: folder,
    PUBLIC_PORT: '0',
    PRIVATE_PORT: '0',
    LOG_LEVEL: 'warn',
  })
  await whole.says('}')
  const { privateUrl, keysFile } = startedSchema.parse(JSON.parse(whole.said()))
  const keys = keysSchema.parse(JSON.parse(await readFile(keysFile, 'utf8')))
  return { whole, api: apiAt(privateUrl, keys.api) }
}

describe.concurrent('a killed npm start', () => {
  it('leaves nothing behind, and the next one goes on with every lead', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rekindle-start-'))
    const first = await start(folder)
    const posted = new Map<string, string>()
    for (const number of Array.from({ length: 12 }).keys()) {
      const email = `ada-${number}@example.com`
      const { status, body } = await first.api.post('/v1/leads', {
        lead: { firstName: 'Ada', email, source: 'webform' },
        event: 'form',
      })
      expect(status).toBe(201)
      posted.set(email, postedId(body))
    }
    const mails = async (api: Api, email: string) =>
      outboxSchema.parse(await api.get(`/dev/outbox?to=${email}`)).items.map(({ touch }) => touch)
    await until(async () => (await mails(first.api, 'ada-2@example.com')).length > 0, {
      what: 'the first emails',
    })
    const running = runningSchema.parse(
      JSON.parse(await readFile(join(folder, 'temporal/running.json'), 'utf8')),
    )
    await first.whole.kill()
    await until(async () => !(await Promise.all(running.processes.map(isAlive))).includes(true), {
      timeoutMs: 15_000,
      what: 'the end of the server and of its UI',
    })

    const second = await start(folder)
    await Promise.all(
      [...posted].map(async ([email, leadId]) => {
        const state = await until(() => stateOfFirst(second.api, leadId), {
          timeoutMs: 120_000,
          everyMs: 250,
          what: `the first email to ${email}`,
        })
        const caught = await mails(second.api, email)
        expect(new Set(caught).size, 'no touch is there twice').toBe(caught.length)
        // What was under way at the kill may have been taken or not: the row says that it is uncertain.
        if (state === 'sent') expect(caught).toHaveLength(1)
        else expect(caught.length).toBeLessThanOrEqual(1)
      }),
    )
    await second.whole.stop()
    await rm(folder, { recursive: true, force: true })
  }, 240_000)
})

/** Where the first email stands: sent, or given up as uncertain; null while it is under way. */
async function stateOfFirst(api: Api, leadId: string): Promise<'sent' | 'uncertain' | null> {
  const { items } = timelineSchema.parse(await api.get(`/v1/leads/${leadId}/timeline`))
  const text = JSON.stringify(items.filter(({ kind }) => kind === 'touch'))
  if (text.includes('"state":"sent"')) return 'sent'
  return text.includes('"state":"uncertain"') ? 'uncertain' : null
}
