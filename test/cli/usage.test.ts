import { describe, expect, it } from 'vitest'
import { runCli } from './run-cli.ts'

describe('rekindle', () => {
  it('lists its commands with --help, and ends well', async () => {
    const { code, stdout, stderr } = await runCli(['--help'])
    expect(code).toBe(0)
    for (const name of ['start', 'demo', 'cadence', 'leads', 'inspect', 'ledger']) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
    }
    expect(stderr).toBe('')
  })

  it('says its version', async () => {
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' })
  })

  it('helps with commands of any depth', async () => {
    const { code, stdout } = await runCli(['help', 'inspect', 'window'])
    expect(code).toBe(0)
    expect(stdout).toContain('Usage: rekindle inspect window')
  })

  it.each([
    { args: [], says: 'Usage:' },
    { args: ['nonsense'], says: "Unknown command 'nonsense'" },
    { args: ['inspect', 'windw'], says: 'Did you mean window?' },
    { args: ['cadence'], says: 'Usage: rekindle cadence' },
    { args: ['cadence', 'validate'], says: "Missing required argument 'file'" },
    { args: ['doctor', '--bogus'], says: "Unknown option '--bogus'" },
    { args: ['doctor', 'extra'], says: 'Too many arguments' },
    { args: ['rehearse', 'new-lead'], says: "Required option '--lead <file>' not specified" },
    { args: ['leads', 'import', 'none.csv', '--as', 'alive'], says: 'Write --as dead' },
    { args: ['leads', 'import', 'none.csv'], says: 'Write either --cadence NAME' },
    { args: ['leads', 'import', 'none.csv', '--as', 'dead'], says: 'There is no file' },
    { args: ['replay'], says: 'Write either --from FOLDER or --live NUMBER' },
    { args: ['report', 'overview', '--from', 'soon'], says: '"soon" is no date' },
    { args: ['report', 'gossip'], says: 'There is no report "gossip"' },
  ])('exits with 2 for wrong usage: $args', async ({ args, says }) => {
    const { code, stdout, stderr } = await runCli(args)
    expect(code).toBe(2)
    expect(stderr).toContain(says)
    expect(stdout).toBe('')
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it('tells an error as JSON when JSON is wanted', async () => {
    const { code, stdout, stderr } = await runCli(['nonsense', '--json'])
    expect(code).toBe(2)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'usage',
        message: expect.stringContaining('nonsense'),
        fix: expect.any(String),
      },
    })
  })

  it('names every variable of the environment that is wrong', async () => {
    const env = { PUBLIC_PORT: 'x', OUTBOUND: 'everyone' }
    const { code, stderr } = await runCli(['migrate'], { env })
    expect(code).toBe(2)
    expect(stderr).toContain('PUBLIC_PORT')
    expect(stderr).toContain('OUTBOUND')
  })
})

describe('the start of the command line', () => {
  it('loads commander and nothing heavier before a command is chosen', async () => {
    expect(await packagesLoadedBy(['--help'])).toEqual(['commander'])
  })

  it('would notice a package: a command that needs one is seen to load it', async () => {
    expect(await packagesLoadedBy(['inspect', 'window'])).toContain('zod')
  })
})

/** The packages that Node's own loader reports, without those that run TypeScript here. */
async function packagesLoadedBy(args: readonly string[]): Promise<string[]> {
  const { stderr } = await runCli(args, { env: { NODE_DEBUG: 'esm' } })
  const names = [...stderr.matchAll(/\/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//g)].map(
    ([, name]) => name ?? '',
  )
  return [...new Set(names)].filter((name) => !RUNNERS.has(name) && !name.startsWith('@esbuild/'))
}

const RUNNERS = new Set(['tsx', 'esbuild', 'get-tsconfig', 'resolve-pkg-maps'])
