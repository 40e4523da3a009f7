import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runCli, temporaryFolder } from './run-cli.ts'

const recorded = (name: string) =>
  fileURLToPath(new URL(`../data/mail/${name}.eml`, import.meta.url))

describe('rekindle inspect bounce', () => {
  it('says of each file what it is, in order, and goes on after one that cannot be read', async () => {
    const empty = join(await temporaryFolder(), 'empty.eml')
    await writeFile(empty, '\n')
    const files = [
      recorded('hard-two-recipients'),
      '/no/such/file.eml',
      recorded('policy-microsoft-5-7-515'),
      empty,
      recorded('auto-reply-german'),
      recorded('answer-quotes-a-bounce'),
    ]
    const ran = await runCli(['inspect', 'bounce', ...files, '--json'])
    expect(ran.stderr).toBe('')
    expect(ran.code).toBe(1)
    const lines = ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toEqual([
      {
        file: files[0],
        kind: 'hard',
        recipients: ['ada@example.com', 'ben@example.com'],
        enhancedStatus: '5.1.1',
      },
      { file: files[1], error: expect.objectContaining({ code: 'unreadable_file' }) },
      {
        file: files[2],
        kind: 'policy',
        recipients: ['ada@outlook.example'],
        enhancedStatus: '5.7.515',
      },
      { file: empty, error: expect.objectContaining({ code: 'empty_file' }) },
      { file: files[4], kind: 'auto-reply', recipients: [], enhancedStatus: null },
      { file: files[5], kind: 'not-a-bounce', recipients: [], enhancedStatus: null },
    ])
  })

  it('ends well when every file was read, and asks for one when there is none', async () => {
    const [fine, none] = await Promise.all([
      runCli(['inspect', 'bounce', recorded('delayed-sendmail')]),
      runCli(['inspect', 'bounce']),
    ])
    expect(fine.code).toBe(0)
    expect(JSON.parse(fine.stdout)).toMatchObject({ kind: 'delayed', enhancedStatus: '4.4.1' })
    expect(none.code).toBe(2)
  })
})
