import { describe, expect, it } from 'vitest'
import { perSender } from '../../../src/channels/email/per-sender.ts'
import { createTurns } from '../../../src/channels/email/turns.ts'
import type { EmailChannel } from '../../../src/channels/types.ts'
import { sampleEmail } from './sample.ts'

function recorder() {
  const log: string[] = []
  const channel = perSender((sender): EmailChannel => {
    const name = sender ?? 'common'
    log.push(`open ${name}`)
    return {
      ready: async () => {
        log.push(`ready ${name}`)
        return { ready: true }
      },
      send: async ({ from }) => {
        log.push(`send ${name}`)
        return { kind: 'accepted', providerId: from.address }
      },
      close: async () => {
        log.push(`close ${name}`)
      },
    }
  })
  return { log, channel }
}

describe('a channel with several senders', () => {
  it('keeps one connection pool for each, opened when it is first needed', async () => {
    const { log, channel } = recorder()
    const from = (address: string) => sampleEmail({ from: { address, name: 'Sam' } })
    await channel.ready('sam@acme.example')
    await channel.send(from('sam@acme.example'), { deadlineMs: 1_000 })
    await channel.send(from('Sam@Acme.example'), { deadlineMs: 1_000 })
    await channel.send(from('kim@acme.example'), { deadlineMs: 1_000 })
    await channel.ready()
    await channel.close()
    expect(log).toEqual([
      'open sam@acme.example',
      'ready sam@acme.example',
      'send sam@acme.example',
      'send sam@acme.example',
      'open kim@acme.example',
      'send kim@acme.example',
      'open common',
      'ready common',
      'close sam@acme.example',
      'close kim@acme.example',
      'close common',
    ])
  })
})

describe('turns', () => {
  it('come evenly, and are refused beyond what anybody waits for', async () => {
    const turns = createTurns(100)
    const began = performance.now()
    const taken = await Promise.all(Array.from({ length: 21 }, () => turns.take()))
    expect(taken.every(Boolean)).toBe(true)
    // Timers of Node may fire a millisecond early.
    expect(performance.now() - began).toBeGreaterThan(195)

    const slow = createTurns(0.05)
    expect(await slow.take()).toBe(true)
    expect(await slow.take()).toBe(false)
  })
})
