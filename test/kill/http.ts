import { createServer } from 'node:net'
import { z } from 'zod'

/** The private listener of a process of ours, as a script calls it. */
export interface Api {
  get(path: string): Promise<unknown>
  /** Answers the status; the body is for the one who asks for it. */
  post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: unknown }>
}

export function apiAt(url: string, key: string): Api {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return {
    get: async (path) => {
      const response = await fetch(url + path, { headers })
      if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`)
      return response.json()
    },
    post: async (path, body) => {
      const response = await fetch(url + path, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      })
      return { status: response.status, body: await response.json() }
    },
  }
}

const postedSchema = z.object({ lead: z.object({ id: z.string() }) })

/** The id of the lead in the answer to a post. */
export function postedId(body: unknown): string {
  return postedSchema.parse(body).lead.id
}

/** Ports of loopback that nobody listens on; nobody is kept from taking them meanwhile. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  })
  for (const server of servers) server.close()
  return ports
}
