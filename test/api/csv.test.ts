import { describe, expect, it } from 'vitest'
import { csvLines } from '../../src/api/csv.ts'

const GOOD = 'id,email\n1,a@example.com\n2,b@example.com\n'

describe('the lines of a CSV file', () => {
  it('come with their numbers, however the file is cut into pieces', async () => {
    const expected = [
      { line: 1, cells: ['id', 'email'] },
      { line: 2, cells: ['1', 'a@example.com'] },
      { line: 4, cells: ['2', 'two\nlines'] },
    ]
    const text = '\ufeffid,email\n1,a@example.com\n2,"two\nlines"\n'
    for (const size of [1, 7, 1_000]) {
      expect(await read(text, size)).toEqual({ lines: expected, code: null })
    }
    expect(await read('', 10)).toEqual({ lines: [], code: null })
  })

  it('are all told up to a quote that is never closed', async () => {
    for (const size of [1, 7, 1_000]) {
      const { lines, code } = await read(`${GOOD}3,"c@example.com\n4,d@example.com\n`, size)
      expect(lines.map(({ line }) => line)).toEqual([1, 2, 3])
      expect(code).toBe('unreadable_csv')
    }
  })

  it('end with a line that is longer than any lead', async () => {
    const { lines, code } = await read(`${GOOD}3,${'x'.repeat(200_000)}\n4,d@example.com\n`, 5_000)
    expect(lines.map(({ line }) => line)).toEqual([1, 2, 3])
    expect(code).toBe('unreadable_csv')
  })
})

/** What is read of a text that comes in pieces of so many bytes, and the code of its refusal. */
async function read(text: string, size: number) {
  const bytes = new TextEncoder().encode(text)
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let from = 0; from < bytes.length; from += size) {
        controller.enqueue(bytes.slice(from, from + size))
      }
      controller.close()
    },
  })
  const lines: { line: number; cells: readonly string[] }[] = []
  try {
    for await (const line of csvLines(body as Request['body'])) lines.push(line)
    return { lines, code: null }
  } catch (error) {
    return { lines, code: (error as { code?: string }).code ?? 'thrown' }
  }
}
