import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import twilio from 'twilio'

/** A request that got no answer; `left` tells whether any of it may have reached the server. */
export class NoAnswer extends Error {
  readonly left: boolean
  readonly late: boolean

  constructor(left: boolean, late: boolean) {
    super(late ? 'no answer in time' : 'no answer')
    this.left = left
    this.late = late
  }
}

export type HttpOptions = {
  /** Another origin to speak to instead of Twilio's: the embedded emulator. */
  readonly baseUrl?: string
  /** For the whole request, connecting included. */
  readonly deadlineMs: number
  /** Sent along with every request. */
  readonly headers?: Readonly<Record<string, string>>
}

type SdkRequest = Parameters<twilio.RequestClient['request']>[0]
type SdkResponse = Awaited<ReturnType<twilio.RequestClient['request']>>
type Answer = { statusCode: number; body: string; headers: http.IncomingHttpHeaders }

const TWILIO_ORIGIN = 'https://api.twilio.com'

/**
 * The SDK's way to the network, replaced for what the SDK cannot tell: whether a failed request
 * had left. One instance serves one call. Connections are not kept alive, because a server may
 * close an idle one just as a request is written to it, which would make an ambiguous send out of
 * nothing.
 */
export class TwilioHttp extends twilio.RequestClient {
  readonly #options: HttpOptions
  #answer: Answer | null = null

  constructor(options: HttpOptions) {
    super({ autoRetry: false, keepAlive: false })
    this.#options = options
  }

  /** The Retry-After header of the last answer, in milliseconds; null when it has none. */
  get retryAfterMs(): number | null {
    const header = this.#answer?.headers['retry-after']
    const seconds = header === undefined ? Number.NaN : Number(header)
    return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * 1_000) : null
  }

  /**
   * Answers whatever status the server gave.
   * @throws NoAnswer when it gave none before the deadline.
   */
  override async request<TData>(sdk: SdkRequest): Promise<SdkResponse & { body: TData }> {
    const url = this.#urlOf(sdk)
    const form = sdk.data ? formOf(sdk.data) : null
    const headers = {
      ...stringHeaders(sdk.headers),
      ...this.#options.headers,
      ...(form !== null && { 'Content-Length': String(Buffer.byteLength(form)) }),
      Authorization: `Basic ${Buffer.from(`${sdk.username ?? ''}:${sdk.password ?? ''}`).toString('base64')}`,
    }
    this.#answer = await exchange(url, sdk.method, headers, form, this.#options.deadlineMs)
    // The SDK's own client types the body by the caller's wish; it parses the string itself.
    return this.#answer as Answer & SdkResponse & { body: TData }
  }

  #urlOf({ uri, params }: SdkRequest): URL {
    const { pathname, search, origin } = new URL(uri, TWILIO_ORIGIN)
    const url = new URL(`${pathname}${search}`, this.#options.baseUrl ?? origin)
    if (params) url.search = formOf(params)
    return url
  }
}

function exchange(
  url: URL,
  method: string,
  headers: Record<string, string>,
  form: string | null,
  deadlineMs: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'http:' ? http : https).request(url, {
      method,
      headers,
      agent: false,
    })
    let connected = false
    let settled = false
    const settle = (end: () => void) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      end()
      request.destroy()
    }
    const fail = (late: boolean) => settle(() => reject(new NoAnswer(connected, late)))
    const timer = setTimeout(() => fail(true), deadlineMs)

    request.once('socket', (socket) => {
      onceConnected(socket, () => {
        connected = true
      })
    })
    request.on('error', () => fail(false))
    request.once('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => fail(false))
      response.on('aborted', () => fail(false))
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8')
        const { statusCode = 0, headers: answered } = response
        settle(() => resolve({ statusCode, body, headers: answered }))
      })
    })
    request.end(form ?? undefined)
  })
}

/** The request is written as soon as its socket can carry it: for TLS, after the handshake. */
function onceConnected(socket: Socket, then: () => void): void {
  socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', then)
}

function formOf(data: object): string {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(data)) {
    if (value === undefined || value === null) continue
    for (const one of Array.isArray(value) ? value : [value]) form.append(name, String(one))
  }
  return form.toString()
}

function stringHeaders(headers: object | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]),
  )
}
