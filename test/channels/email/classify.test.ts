import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  classifyMail,
  type MailVerdict,
  namedMessageIds,
} from '../../../src/channels/email/classify.ts'
import { readMail } from '../../../src/channels/email/read-mail.ts'

const FOLDER = new URL('../../data/mail/', import.meta.url)
const TODAY = '2026-11-23'

type Expected = {
  readonly kind: string
  readonly recipients: readonly string[]
  readonly status: string | null
  readonly returnsOn?: string | null
}

const expected: Readonly<Record<string, Expected>> = JSON.parse(
  readFileSync(new URL('expected.json', FOLDER), 'utf8'),
)
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.eml'))
const raw = (file: string) => readFileSync(new URL(file, FOLDER))
const classified = async (mail: Uint8Array | string) => classifyMail(await readMail(mail), TODAY)

describe('the recorded mails', () => {
  it('are all listed', () => {
    expect(Object.keys(expected).sort()).toEqual([...files].sort())
  })

  it.each(files)('%s is read as what it is', async (file) => {
    const verdict = await classified(raw(file))
    expect(shown(verdict)).toEqual(expected[file])
    const withCrlf = raw(file).toString('utf8').replaceAll('\n', '\r\n')
    expect(await classified(withCrlf)).toEqual(verdict)
  })

  it('name the message of ours wherever they return or quote its id', async () => {
    const ours = '<touch_0123456789abcdef0123456789abcdef@mail.acme.example>'
    for (const file of [
      'hard-qmail.eml',
      'hard-postfix-unknown-user.eml',
      'hard-gmail-address-not-found.eml',
      'complaint-arf-redacted.eml',
      'auto-reply-read-receipt.eml',
      'answer-plain.eml',
    ]) {
      expect(namedMessageIds(await readMail(raw(file))), file).toContain(ours)
    }
  })
})

describe('a mail that is damaged', () => {
  const anyFile = fc.constantFrom(...files)

  it('never throws, wherever it is cut, joined or scratched', async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, fc.nat(), fc.nat(), fc.uint8Array(), async (file, a, b, dirt) => {
        const bytes = raw(file)
        const [from, to] = [a % bytes.length, b % bytes.length].sort((x, y) => x - y)
        const scratched = Buffer.concat([bytes.subarray(0, from), dirt, bytes.subarray(to)])
        const verdict = await classified(scratched)
        expect(KINDS).toContain(verdict.kind)
      }),
      { numRuns: 120 },
    )
  })

  it('never throws when it is no mail at all, and is bounded when it is huge', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
        expect(KINDS).toContain((await classified(bytes)).kind)
      }),
    )
    const huge = Buffer.concat([raw('hard-qmail.eml'), Buffer.alloc(20_000_000, 'x y@z.example ')])
    expect((await classified(huge)).kind).toBe('bounce')
    const deep = Array.from({ length: 200 }, (_, index) => nest(index)).join('')
    expect(KINDS).toContain((await classified(deep)).kind)
  })

  it('holds no character that Postgres refuses', async () => {
    const mail = await readMail('From: a@b.example\nSubject: a\0b\n\nhello\0 \ud800')
    expect(`${mail.subject}${mail.text}`).not.toContain('\0')
    expect(mail.text).toBe(Buffer.from(mail.text).toString())
  })
})

function nest(index: number): string {
  const before = index === 0 ? 'From: a@b.example\n' : `--b${index - 1}\n`
  return `${before}Content-Type: multipart/mixed; boundary=b${index}\n\n`
}

const KINDS = ['bounce', 'delayed', 'complaint', 'auto_reply', 'notice', 'answer']

/** As expected.json writes it. */
function shown(verdict: MailVerdict): Expected {
  const none = { recipients: [], status: null }
  switch (verdict.kind) {
    case 'bounce':
    case 'delayed': {
      const { kind, failures } = verdict
      const strongest = ['hard', 'policy', 'soft'].find((each) =>
        failures.some((failure) => 'kind' in failure && failure.kind === each),
      )
      return {
        kind: kind === 'delayed' ? kind : (strongest ?? 'none'),
        recipients: failures.map(({ recipient }) => recipient ?? 'nobody'),
        status: failures[0]?.status ?? null,
      }
    }
    case 'complaint':
      return { kind: 'complaint', recipients: verdict.recipients, status: null }
    case 'auto_reply':
      return { kind: 'auto-reply', ...none, returnsOn: verdict.returnsOn }
    case 'notice':
    case 'answer':
      return { kind: verdict.kind, ...none }
  }
}
