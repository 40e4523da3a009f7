import { z } from 'zod'
import { EXIT } from '../exit.ts'
import { CliError } from '../problem.ts'

/** The api, of the running instance or of the store that this process opened itself. */
export interface DataClient {
  /** Where the answers come from, in words. */
  readonly from: string
  send(path: string, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

type Query = Readonly<Record<string, string | undefined>>

/** A path with a query, without what is undefined. */
export function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1])
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`
}

/**
 * Asks for JSON and reads it by a schema.
 * @throws CliError with the api's own code, sentence and fix when it refuses
 */
export async function ask<S extends z.ZodType>(
  client: DataClient,
  schema: S,
  path: string,
  init?: RequestInit,
): Promise<z.output<S>> {
  const response = await client.send(path, init)
  if (!response.ok) throw await refusalOf(response)
  return understood(schema, await response.json().catch(() => null))
}

/** Asks for a page or another text. @throws CliError like `ask` */
export async function askForText(client: DataClient, path: string): Promise<string> {
  const response = await client.send(path)
  if (!response.ok) throw await refusalOf(response)
  return response.text()
}

function understood<S extends z.ZodType>(schema: S, answer: unknown): z.output<S> {
  const read = schema.safeParse(answer)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new CliError(EXIT.missing, {
    code: 'unknown_answer',
    message: `The instance answered in a way that is not understood here (${issue?.path.join('.') || 'as a whole'}).`,
    fix: 'Use the command line of the version that the instance runs.',
  })
}

/** Posts JSON. */
export function posting(body: unknown): RequestInit {
  return {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  }
}

/** Reads an answer in JSON lines: each progress is told, and what stands under `done` answered. */
export async function askForLines<S extends z.ZodType>(
  client: DataClient,
  schema: S,
  path: string,
  init: RequestInit,
  onProgress: (line: Readonly<Record<string, unknown>>) => void,
): Promise<z.output<S>> {
  const response = await client.send(path, init)
  if (!response.ok || response.body === null) throw await refusalOf(response)
  for await (const text of linesOf(response.body)) {
    const line = z.record(z.string(), z.unknown()).parse(JSON.parse(text))
    if ('done' in line) return understood(schema, line.done)
    onProgress(line)
  }
  throw new CliError(EXIT.missing, {
    code: 'cut_off',
    message: 'The answer ended before it was complete.',
    fix: 'Look into the log of the instance, then run the command again.',
  })
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line !== '')
  }
  if (rest !== '') yield rest
}

const fieldSchema = z.object({ field: z.string(), message: z.string(), fix: z.string() })
const problemSchema = z.object({
  code: z.string(),
  detail: z.string(),
  fix: z.string(),
  errors: z.array(fieldSchema).default([]),
  report: z.unknown().optional(),
})

/** A refusal of the api in the words of the command line. */
async function refusalOf(response: Response): Promise<CliError> {
  const { status } = response
  const read = problemSchema.safeParse(await response.json().catch(() => null))
  if (!read.success) {
    return new CliError(EXIT.missing, {
      code: `http_${status}`,
      message: `The instance answered ${status}, and not in its own words.`,
      fix: 'Check that REKINDLE_URL is the address of the private listener.',
    })
  }
  const { code, detail, fix, errors, report } = read.data
  const more = errors.slice(1).map(({ field, message }) => `\n${field}: ${message}`)
  const message = `${detail}${more.join('')}`
  const problem = { code, message, fix, ...(report !== undefined && { report }) }
  if (status === 401 || status === 403) return new CliError(EXIT.usage, problem)
  return new CliError(status >= 500 ? EXIT.missing : EXIT.no, problem)
}
