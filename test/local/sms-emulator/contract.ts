import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { z } from 'zod'
import type { Exchange } from './recording-proxy.ts'

const folder =
  process.env.REKINDLE_CONTRACTS ??
  fileURLToPath(new URL('../../../../shared/contracts/', import.meta.url))
const file = `${folder.replace(/\/$/, '')}/twilio-messages.openapi.json`

/** Twilio's description of numbers, services and lookups (test/data/contracts/README.md). */
export const SETUP = fileURLToPath(
  new URL('../../data/contracts/twilio-setup.openapi.json', import.meta.url),
)

/** Whether Twilio's own description of messages is at hand: it is not part of this project. */
export const contractThere = existsSync(file)

const schema = z.record(z.string(), z.unknown())
const operation = z.object({
  parameters: z
    .array(z.object({ name: z.string(), in: z.string(), required: z.boolean().optional(), schema }))
    .default([]),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema })) }).optional(),
  responses: z.record(
    z.string(),
    z.object({ content: z.record(z.string(), z.object({ schema })).optional() }),
  ),
})
const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: schema,
})

/** Compares exchanges with the description; `problems` says all that is not as described. */
export function loadContract(from: string = file): { problems: (exchange: Exchange) => string[] } {
  const raw = document.parse(JSON.parse(readFileSync(from, 'utf8')))
  const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false })
  const open = ['uri-map', 'currency', 'int64', 'http-method', 'phone-number-capabilities', 'url']
  for (const format of open) ajv.addFormat(format, true)
  ajv.addFormat('phone-number', /^\+[1-9]\d{1,14}$/)
  ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)))
  // Twilio's uris are relative, and its dates are those of RFC 2822.
  ajv.addFormat('uri', (text: string) => URL.canParse(text, 'https://api.twilio.com'))
  ajv.addFormat(
    'date-time-rfc-2822',
    /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0000$/,
  )
  ajv.addSchema({ components: raw.components }, 'twilio')
  const check = (part: Record<string, unknown>, value: unknown, what: string): string[] => {
    const validate = ajv.compile(absolute(part))
    return validate(value) ? [] : [`${what}: ${ajv.errorsText(validate.errors)}`]
  }

  const problems = (exchange: Exchange): string[] => {
    const entry = Object.entries(raw.paths).find(([path]) =>
      pathMatches(path, exchange.url.pathname),
    )
    const method = exchange.method.toLowerCase()
    const found = entry?.[1][method]
    if (!entry || !found) return [`${exchange.method} ${exchange.url.pathname} is not described`]
    const described = operation.parse(found)
    return [
      ...queryProblems(described, exchange, check),
      ...formProblems(described, exchange, check),
      ...answerProblems(described, exchange, check),
    ]
  }
  return { problems }
}

type Operation = z.output<typeof operation>
type Check = (part: Record<string, unknown>, value: unknown, what: string) => string[]

function queryProblems(described: Operation, { url }: Exchange, check: Check): string[] {
  return [...url.searchParams].flatMap(([name, value]) => {
    const parameter = described.parameters.find((one) => one.name === name && one.in === 'query')
    if (!parameter) return [`query parameter ${name} is not described`]
    return check(parameter.schema, typed(parameter.schema, value), `query parameter ${name}`)
  })
}

function formProblems(described: Operation, { form }: Exchange, check: Check): string[] {
  const body = described.requestBody?.content['application/x-www-form-urlencoded']?.schema
  if (!body) return form.size > 0 ? ['a body is not described'] : []
  const properties = z.record(z.string(), schema).parse(body.properties)
  const unknown = [...form.keys()].filter((name) => !(name in properties))
  const value = Object.fromEntries(
    [...form].map(([name, text]) => [name, typed(properties[name] ?? {}, text)]),
  )
  return [
    ...unknown.map((name) => `form field ${name} is not described`),
    ...check(body, value, 'the form'),
  ]
}

function answerProblems(described: Operation, exchange: Exchange, check: Check): string[] {
  const answer = described.responses[String(exchange.status)]
  if (!answer) return [`status ${exchange.status} is not described`]
  const body = answer.content?.['application/json']?.schema
  if (!body) return exchange.body === '' ? [] : ['an answer body is not described']
  const value: unknown = JSON.parse(exchange.body)
  return [...check(body, value, 'the answer'), ...extraFields(body, value)]
}

/** A field that Twilio does not have would teach our client something false. */
function extraFields(body: Record<string, unknown>, value: unknown): string[] {
  const properties = body.properties
  if (typeof properties !== 'object' || properties === null) return []
  return Object.keys(schema.parse(value))
    .filter((name) => !(name in properties))
    .map((name) => `answer field ${name} is not described`)
}

function pathMatches(template: string, path: string): boolean {
  const pattern = template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/.]+')
  return new RegExp(`^${pattern}$`).test(path)
}

/** Forms and queries carry strings; the description speaks of numbers and booleans. */
function typed({ type }: Record<string, unknown>, text: string): unknown {
  if (type === 'integer' || type === 'number') return Number(text)
  return type === 'boolean' ? text === 'true' : text
}

/** Points the description's own references at the schema that ajv knows by name. */
function absolute(part: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(part).replaceAll('"#/components/', '"twilio#/components/')
  return schema.parse(JSON.parse(text))
}
