import { describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { runCli, spawnCli, textOf } from './run-cli.ts'

const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('')
const answers = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('inspect window', () => {
  it('answers each line in order, to the second, without any margin', async () => {
    const ask = (id: string, at: string) => ({ id, channel: 'sms', at, phone: '+12125550142' })
    const { code, stdout } = await runCli(['inspect', 'window'], {
      stdin: lines(
        ask('before', '2026-11-23T12:59:59Z'),
        ask('opens', '2026-11-23T13:00:00Z'),
        ask('last second', '2026-11-24T01:59:59Z'),
        ask('closes', '2026-11-24T02:00:00Z'),
      ),
    })
    expect(code).toBe(0)
    expect(answers(stdout)).toMatchObject([
      { id: 'before', allowed: false, nextAllowedAt: '2026-11-23T13:00:00Z' },
      { id: 'opens', allowed: true, nextAllowedAt: '2026-11-23T13:00:00Z' },
      { id: 'last second', allowed: true, nextAllowedAt: '2026-11-24T01:59:59Z' },
      { id: 'closes', allowed: false, nextAllowedAt: '2026-11-24T13:00:00Z' },
    ])
    expect(answers(stdout)[0].rules[0]).toMatchObject({ rule: 'calling_window', verdict: 'deny' })
  })

  it('counts every zone in which the person may be', async () => {
    const at = '2026-11-23T13:30:00Z'
    const phone = '(212) 555-0142'
    const { stdout } = await runCli(['inspect', 'window'], {
      stdin: lines(
        { id: 1, channel: 'sms', at, phone, timezone: null },
        { id: 2, channel: 'sms', at, phone, timezone: 'America/Los_Angeles' },
        { id: 3, channel: 'sms', at, phone, state: 'CA', zip: '' },
        { id: 4, channel: 'email', at, phone, timezone: 'America/Los_Angeles' },
      ),
    })
    expect(answers(stdout).map(({ id, allowed }) => [id, allowed])).toEqual([
      [1, true],
      [2, false],
      [3, false],
      [4, true],
    ])
  })

  it('names a bad line, goes on with the others, and exits with 1', async () => {
    const good = { id: 'good', channel: 'sms', at: '2026-11-23T15:00:00Z', phone: '+12125550142' }
    const stdin = [
      lines(good),
      'this is no JSON\n\n',
      lines(
        { ...good, id: 'no offset', at: '2026-11-23T15:00:00' },
        { ...good, id: 'no such day', at: '2026-02-30T15:00:00Z' },
        { ...good, id: 'fax', channel: 'fax' },
        { ...good, id: 'short', phone: '12' },
        ['not', 'an', 'object'],
        { ...good, id: 'last' },
      ),
    ].join('')
    const { code, stdout, stderr } = await runCli(['inspect', 'window'], { stdin })
    expect(code).toBe(1)
    expect(stderr).toBe('')
    expect(answers(stdout)).toMatchObject([
      { id: 'good', allowed: true },
      { line: 2, id: null, error: { code: 'not_json' } },
      { line: 4, id: 'no offset', error: { code: 'invalid_line' } },
      { line: 5, id: 'no such day', error: { code: 'invalid_line' } },
      { line: 6, id: 'fax', error: { message: expect.stringContaining('channel') } },
      { line: 7, id: 'short', error: { code: 'invalid_phone' } },
      { line: 8, id: null, error: { code: 'invalid_line' } },
      { id: 'last', allowed: true },
    ])
  })

  it('knows the law of states, holidays and places that are not wholly known', async () => {
    const ask = (id: string, at: string, more: object) => ({ id, channel: 'sms', at, ...more })
    const { code, stdout } = await runCli(['inspect', 'window'], {
      stdin: lines(
        ask('Florida closes', '2026-12-09T01:00:00Z', { phone: '+13055550142' }),
        ask('Thanksgiving', '2026-11-26T17:00:00Z', { state: 'AL', zip: '35203' }),
        ask('unknown', '2026-12-08T12:00:00Z', { phone: '+18005550142', zip: '00000' }),
        ask('a ZIP alone', '2026-12-08T12:00:00Z', { zip: '60601-1234', timezone: '+05:00' }),
        ask('Canada', '2026-12-08T17:00:00Z', { phone: '+14165550142', state: 'NY' }),
        // No phone has these numbers; their area codes and countries count all the same.
        ask('no such exchange', '2026-12-08T12:00:00Z', { phone: '+13050000000' }),
        ask('no such area', '2026-12-08T12:00:00Z', { phone: '+19995550142', state: 'NY' }),
        ask('no such number', '2026-12-08T17:00:00Z', { phone: '+44 0000 000000' }),
      ),
    })
    expect(code).toBe(0)
    expect(answers(stdout).map(({ id, nextAllowedAt }) => [id, nextAllowedAt])).toEqual([
      ['Florida closes', '2026-12-09T13:00:00Z'],
      ['Thanksgiving', '2026-11-27T14:00:00Z'],
      ['unknown', '2026-12-08T20:00:00Z'],
      ['a ZIP alone', '2026-12-08T16:00:00Z'],
      ['Canada', null],
      ['no such exchange', '2026-12-08T13:00:00Z'],
      ['no such area', '2026-12-08T13:00:00Z'],
      ['no such number', null],
    ])
  })

  it('answers a line whose day or form is unusual like the plain one', async () => {
    const plain = { id: 1, channel: 'sms', at: '2026-12-31T15:00:00Z', phone: '+12125550142' }
    const { stdout } = await runCli(['inspect', 'window'], {
      stdin: lines(
        { ...plain, at: '2026-12-31T15:00:00.000Z' },
        { ...plain, at: '2026-12-31T10:00:00-05:00', phone: ' 212-555-0142 ', extra: [] },
        { ...plain, state: '  ', zip: '', timezone: null },
      ),
    })
    const told = answers(stdout)
    expect(told[1]).toEqual(told[0])
    expect(told[2]).toEqual(told[0])
  })

  it('reads lines that arrive in pieces, also within a letter, and refuses one without an end', async () => {
    const child = spawnCli(['inspect', 'window'])
    const stdout = textOf(child.stdout)
    const closed = new Promise((resolve) => child.once('close', resolve))
    const line = Buffer.from(lines({ id: 'ü', channel: 'email', at: '2026-11-23T15:00:00Z' }))
    const within = line.indexOf(0xbc)
    child.stdin.write(line.subarray(0, within))
    child.stdin.write(line.subarray(within))
    await until(() => stdout().includes('"id":"ü"'), { what: 'the first answer' })
    child.stdin.write('x'.repeat(3_000_000))
    child.stdin.end(`\n${line.toString()}`)
    expect(await closed).toBe(1)
    expect(answers(stdout())).toMatchObject([
      { id: 'ü', allowed: true },
      { line: 2, error: { code: 'line_too_long' } },
      { id: 'ü', allowed: true },
    ])
  })

  it('reads a byte order mark, CRLF and a last line without its end', async () => {
    const one = { id: 1, channel: 'email', at: '2026-11-23T15:00:00-05:00' }
    const stdin = `\uFEFF${JSON.stringify(one)}\r\n${JSON.stringify({ ...one, id: 2 })}`
    const { code, stdout } = await runCli(['inspect', 'window'], { stdin })
    expect(code).toBe(0)
    expect(answers(stdout).map(({ id }) => id)).toEqual([1, 2])
  })

  it('answers a line before it has seen the end of its input', async () => {
    const child = spawnCli(['inspect', 'window'])
    const stdout = textOf(child.stdout)
    const ask = (id: number) => lines({ id, channel: 'email', at: '2026-11-23T15:00:00Z' })
    child.stdin.write(ask(1))
    await until(() => stdout().includes('"id":1'), { what: 'the first answer' })
    child.stdin.end(ask(2))
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect(code).toBe(0)
    expect(answers(stdout())).toHaveLength(2)
  })

  it('stops quietly when its reader has seen enough', async () => {
    const child = spawnCli(['inspect', 'window'])
    const stderr = textOf(child.stderr)
    child.stdin.on('error', () => {})
    const ask = lines({ id: 'x', channel: 'email', at: '2026-11-23T15:00:00Z' })
    child.stdout.once('data', () => child.stdout.destroy())
    child.stdin.end(ask.repeat(5_000))
    await new Promise((resolve) => child.once('close', resolve))
    expect(stderr()).toBe('')
  })
})
