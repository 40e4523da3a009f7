import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runCli, temporaryFolder } from './run-cli.ts'

interface Check {
  readonly name: string
  readonly state: string
  readonly message: string
  readonly fix: string | null
}

async function doctor(env: Record<string, string>) {
  const { code, stdout } = await runCli(['doctor', '--json'], { env })
  const answer: { ok: boolean; checks: Check[] } = JSON.parse(stdout)
  const check = (name: string) => answer.checks.find((each) => each.name === name)
  return { code, ok: answer.ok, check }
}

it('looks at everything and makes nothing', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const { check } = await doctor({ REKINDLE_DATA_DIR: dataDir })
  expect(check('Node')?.state).toBe('ok')
  expect(check('Data folder')).toMatchObject({ state: 'info' })
  expect(check('Database')).toMatchObject({ state: 'info' })
  expect(check('Temporal')?.message).toBeTruthy()
  expect(check('Outbound')).toMatchObject({ state: 'ok' })
  expect(existsSync(dataDir)).toBe(false)
})

it('exits with 3 when a service that is needed does not answer, and says what to do', async () => {
  const { code, ok, check } = await doctor({
    REKINDLE_DATA_DIR: await temporaryFolder(),
    DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/none',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  })
  expect(code).toBe(3)
  expect(ok).toBe(false)
  expect(check('Database')).toMatchObject({ state: 'missing', fix: expect.any(String) })
  expect(check('Database')?.message).not.toContain('secret')
  expect(check('Temporal')).toMatchObject({ state: 'missing', fix: expect.any(String) })
})

it('says what a live start would lack', async () => {
  const { check } = await doctor({
    REKINDLE_DATA_DIR: await temporaryFolder(),
    OUTBOUND: 'live',
  })
  expect(check('Outbound')).toMatchObject({ state: 'warning' })
  expect(check('Outbound')?.message).toContain('SMTP_URL')
})

it('names variables that are wrong, for people too', async () => {
  const { code, stdout } = await runCli(['doctor'], { env: { PRIVATE_PORT: 'abc' } })
  expect(code).toBe(3)
  expect(stdout).toContain('PRIVATE_PORT')
  expect(stdout).toContain('Missing: Environment')
})
