import { createServer, type Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { choosePorts } from '../../../src/local/temporal/ports.ts'

let other: Server
let taken: number

beforeEach(async () => {
  other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  taken = typeof address === 'object' && address !== null ? address.port : 0
})
afterEach(() => new Promise((resolve) => other.close(resolve)))

describe('choosePorts', () => {
  it('finds as many different free ports as there are wishes', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `p${index}`)
    const wishes = Object.fromEntries(names.map((name) => [name, { kind: 'any' as const }]))
    const chosen = await choosePorts(wishes)
    const ports = chosen.kind === 'ok' ? Object.values(chosen.ports) : []
    expect(new Set(ports).size).toBe(20)
  })

  it('takes the port of the last time when it is free', async () => {
    const before = await choosePorts({ a: { kind: 'any' } })
    const port = before.kind === 'ok' ? before.ports.a : 0
    const again = await choosePorts({ b: { kind: 'any' }, a: { kind: 'before', port } })
    expect(again).toMatchObject({ kind: 'ok', ports: { a: port } })
  })

  it('takes another one when the port of the last time is taken', async () => {
    const chosen = await choosePorts({ a: { kind: 'before', port: taken } })
    expect(chosen.kind).toBe('ok')
    expect(chosen).not.toMatchObject({ ports: { a: taken } })
  })

  it('names a fixed port that is taken', async () => {
    const chosen = await choosePorts({ a: { kind: 'any' }, b: { kind: 'fixed', port: taken } })
    expect(chosen).toEqual({ kind: 'taken', name: 'b', port: taken })
  })
})
