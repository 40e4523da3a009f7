import { join } from 'node:path'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import { beforeAll, describe, expect, it } from 'vitest'

/**
 * What a cached workflow costs in memory grows with its bundle (zod alone trebles it), and what a
 * bundle holds must never change a replay: rules, zones and parsers stay outside.
 */
const BUDGET_BYTES = 1_700_000
const ALLOWED = [
  /^\.\/src\/workflows\//,
  /^\.\/src\/domain\/(contract|ids|time)\.ts$/,
  /^\.\/src\/activities\/contract\.ts$/,
]

describe('the workflow bundle', () => {
  let code: string
  beforeAll(async () => {
    const bundle = await bundleWorkflowCode({
      workflowsPath: join(import.meta.dirname, '../../src/workflows/index.ts'),
      logger: new DefaultLogger('WARN'),
    })
    code = bundle.code
  })

  it('keeps to its budget', () => {
    expect(Buffer.byteLength(code)).toBeLessThan(BUDGET_BYTES)
  })

  it('holds the skeleton only: no rule, parser, store or node module', () => {
    const own = [...code.matchAll(/"(\.\/src\/[^"]+\.tsx?)"/g)].map(([, path]) => path ?? '')
    expect(
      own.length,
      'no module of ours was found: the check would prove nothing',
    ).toBeGreaterThan(1)
    expect(own.filter((path) => !ALLOWED.some((allowed) => allowed.test(path)))).toEqual([])
    const packages = [...code.matchAll(/"\.\/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)/g)]
    const names = new Set(packages.map(([, name]) => name))
    for (const forbidden of ['zod', 'pg', 'kysely', 'yaml', 'liquidjs', 'temporal-polyfill']) {
      expect(names, forbidden).not.toContain(forbidden)
    }
  })
})
