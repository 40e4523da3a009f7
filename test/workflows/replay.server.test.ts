import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import pino from 'pino'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { replayHistories } from '../../src/temporal/replay.ts'
import { installRuntime } from '../../src/wiring/log.ts'
import { GOLDEN_FOLDER as FOLDER } from '../support/golden.ts'

const WORKFLOWS = join(import.meta.dirname, '../../src/workflows')
installRuntime(pino({ level: 'silent' }))
const scratch = mkdtempSync(join(import.meta.dirname, '.changed-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('the golden histories', () => {
  it('replay with the workflow as it is', async () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
    expect(files.length).toBeGreaterThanOrEqual(6)
    const report = await replayHistories(
      { from: FOLDER },
      { codePath: inject('workflowBundlePath') },
    )
    expect(report).toEqual({ replayed: files.length, failures: [] })
  })

  it('fail with a workflow that does one thing more before its first look', async () => {
    const bundle = await bundleWorkflowCode({
      workflowsPath: changedWorkflow(),
      logger: new DefaultLogger('ERROR'),
    })
    const report = await replayHistories({ from: FOLDER }, bundle)
    expect(report.failures.length).toBeGreaterThan(0)
    // The changed bundle knows leads alone: runs over many fail for another reason.
    const leads = report.failures.filter(({ workflowId }) => !workflowId.startsWith('bulk'))
    expect(leads[0]?.because).toMatch(/nondeterminism|TMPRL1100/i)
  })
})

/** The real workflow with a timer more: what a careless update would do to sleeping leads. */
function changedWorkflow(): string {
  const before = / {2}plan \?\?= await \w+\(.*\)/
  const source = readFileSync(join(WORKFLOWS, 'lead.ts'), 'utf8')
  expect(source, 'the line to change is gone: change another one').toMatch(before)
  const changed = source
    .replace(before, (line) => `  await condition(() => false, 1_000)\n${line}`)
    .replaceAll("'./", "'../../../src/workflows/")
    .replaceAll("'../activities", "'../../../src/activities")
    .replaceAll("'../domain", "'../../../src/domain")
  const path = join(scratch, 'lead.ts')
  writeFileSync(path, changed)
  return path
}
