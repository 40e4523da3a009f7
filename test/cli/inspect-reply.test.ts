import { expect, it } from 'vitest'
import { runCli, temporaryFile } from './run-cli.ts'

const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('')
const answers = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

it('inspect reply answers line by line, names bad ones, and exits with 1 for them', async () => {
  const { code, stdout, stderr } = await runCli(['inspect', 'reply'], {
    stdin: [
      lines(
        { id: 1, channel: 'sms', text: 'STPO' },
        { id: 2, channel: 'email', text: 'We went with HubSpot.\n\n> Reply STOP' },
      ),
      'no JSON\n\n',
      lines(
        { id: 'fax', channel: 'fax', text: '' },
        { id: 3, channel: 'sms', text: 'in three months', at: '2026-11-24T17:00:00Z' },
      ),
    ].join(''),
  })
  expect([code, stderr]).toEqual([1, ''])
  const said = answers(stdout)
  expect(said[0]).toEqual({
    id: 1,
    intent: 'opt_out',
    detail: 'sms',
    visibleText: 'STPO',
    confidence: 1,
  })
  expect(said.slice(1)).toMatchObject([
    { id: 2, intent: 'competitor', detail: 'HubSpot', visibleText: 'We went with HubSpot.' },
    { line: 3, error: { code: 'not_json' } },
    { line: 5, id: 'fax', error: { message: expect.stringContaining('channel') } },
    { id: 3, intent: 'postpone', detail: '2027-02-24' },
  ])
})

it('a company’s own rules are checked, and asked with --rules', async () => {
  const text =
    'rules:\n  - id: wants-a-sample\n    intent: interested\n    says: ["send [me] (a|the) sample"]\n    examples: [Please send me a sample]\n'
  const good = await temporaryFile('acme.yaml', text)
  const valid = await runCli(['replies', 'validate', good, '--json'])
  expect([valid.code, JSON.parse(valid.stdout).valid]).toEqual([0, true])
  const asked = await runCli(['inspect', 'reply', '--rules', good, '--explain'], {
    stdin: lines({ id: 1, channel: 'sms', text: 'send a sample' }),
  })
  expect(answers(asked.stdout)[0]).toMatchObject({ intent: 'interested', rule: 'wants-a-sample' })
  const bad = await temporaryFile('bad.yaml', text.replace('interested', 'intrested'))
  const refused = await runCli(['replies', 'validate', bad])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('bad.yaml:3:13')
})
