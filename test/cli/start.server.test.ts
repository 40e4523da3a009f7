import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import twilio from 'twilio'
import { expect, it, onTestFinished } from 'vitest'
import { EMBEDDED_ACCOUNT } from '../../src/local/catchers.ts'
import { until } from '../support/until.ts'
import { runCli, spawnCli, temporaryFile, temporaryFolder, textOf } from './run-cli.ts'

const SLOW = { timeoutMs: 120_000, everyMs: 100 }

it('runs everything, serves the data commands, and stops cleanly', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const env = { REKINDLE_DATA_DIR: dataDir, PUBLIC_PORT: '0', PRIVATE_PORT: '0' }
  const run = (...args: string[]) => runCli(args, { env })
  const answer = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout)

  const instance = spawnCli(['start', '--json'], { env })
  const closed = new Promise<number | null>((resolve) => instance.once('close', resolve))
  onTestFinished(() => void instance.kill('SIGKILL'))
  const [stdout, stderr] = [textOf(instance.stdout), textOf(instance.stderr)]
  await until(() => stdout().includes('keysFile'), { ...SLOW, what: 'the start' })

  const started = JSON.parse(stdout())
  const { api } = JSON.parse(await readFile(started.keysFile, 'utf8'))
  expect(stdout() + stderr()).not.toContain(api)
  expect((await fetch(`${started.privateUrl}/healthz`)).status).toBe(200)

  const file = await temporaryFile(
    'leads.csv',
    'externalId,firstName,email,state\ncrm-1,Ada,ada@example.com,NY\ncrm-2,Ben,ben,NY\n',
  )
  const loaded = await run('leads', 'import', file, '--cadence', 'new-lead')
  expect(loaded.code).toBe(1)
  expect(loaded.stderr).toContain(started.privateUrl)
  expect(loaded.stdout).toContain('leads.csv:3: email:')

  const planned = async () => {
    const { lead } = await answer('leads', 'show', 'crm-1')
    return lead.next.words?.includes('first-reply')
  }
  await until(planned, { ...SLOW, what: 'the first plan' })
  const story = await run('history', 'crm-1')
  expect(story.code).toBe(0)
  expect(story.stdout).toContain('the run began')
  expect(story.stdout).not.toContain('ada@example.com')
  expect(await answer('repair', '--dry-run')).toMatchObject({ looked: 1, sound: 1, missing: 0 })
  expect(await answer('ledger', 'verify')).toMatchObject({ sound: true })
  expect(await answer('replay', '--live', '3')).toMatchObject({ ok: true, replayed: 1 })
  expect(await run('leads', 'list', '--stuck')).toMatchObject({ code: 0 })

  // Nobody who has read our source can text in a person's name.
  const hook = `${started.publicUrl}/hooks/twilio/inbound`
  const text = { MessageSid: `SM${'1'.repeat(32)}`, From: '+12125550142', To: '+1', Body: 'START' }
  const signature = twilio.getExpectedTwilioSignature(EMBEDDED_ACCOUNT.authToken, hook, text)
  const headers = { 'X-Twilio-Signature': signature }
  const forged = await fetch(hook, { method: 'POST', headers, body: new URLSearchParams(text) })
  expect(forged.status).toBe(403)

  const second = await run('start')
  expect(second.code).toBe(3)
  expect(second.stderr).toContain('data_folder_in_use')

  instance.kill('SIGTERM')
  expect(await closed).toBe(0)
  const left = await run('leads', 'show', 'crm-1', '--json')
  expect(JSON.parse(left.stdout).lead.email).toBe('ada@example.com')
})

it('needs a key for an instance that is named, and says when none answers', async () => {
  const named = { REKINDLE_URL: 'http://127.0.0.1:9' }
  expect(await runCli(['leads', 'list'], { env: named })).toMatchObject({ code: 2 })
  const env = { ...named, REKINDLE_API_KEY: 'rk_none' }
  const { code, stderr } = await runCli(['leads', 'list'], { env })
  expect(code).toBe(3)
  expect(stderr).toContain('No instance answers at http://127.0.0.1:9')
})
