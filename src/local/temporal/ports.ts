import { createServer, type Server } from 'node:net'

export const LOOPBACK = '127.0.0.1'

/** A port that is wanted: `fixed` must be had, `before` is taken when it is still free. */
export type Wish =
  | { readonly kind: 'fixed'; readonly port: number }
  | { readonly kind: 'before'; readonly port: number }
  | { readonly kind: 'any' }

export type Ports<Name extends string> =
  | { readonly kind: 'ok'; readonly ports: Readonly<Record<Name, number>> }
  | { readonly kind: 'taken'; readonly name: Name; readonly port: number }

/**
 * Finds a free port on loopback for each wish. All are held open until all are found, so no two
 * are the same.
 */
export async function choosePorts<Name extends string>(
  wishes: Readonly<Record<Name, Wish>>,
): Promise<Ports<Name>> {
  const held: Server[] = []
  const ports: Partial<Record<Name, number>> = {}
  try {
    const names = Object.keys(wishes) as Name[]
    // Wishes for a certain port first, or `any` might take it.
    names.sort((a, b) => rank(wishes[a]) - rank(wishes[b]))
    for (const name of names) {
      const wish = wishes[name]
      let server = wish.kind === 'any' ? null : await listen(wish.port)
      if (server === null && wish.kind === 'fixed') return { kind: 'taken', name, port: wish.port }
      server ??= await listen(0)
      if (server === null) throw new Error('The system has no free port on loopback.')
      held.push(server)
      ports[name] = portOf(server)
    }
    return { kind: 'ok', ports: ports as Record<Name, number> }
  } finally {
    await Promise.all(held.map((server) => new Promise((done) => server.close(done))))
  }
}

function rank(wish: Wish): number {
  return { fixed: 0, before: 1, any: 2 }[wish.kind]
}

function listen(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => resolve(server))
  })
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Not a TCP listener.')
  return address.port
}
