import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { watchData } from '../../../src/channels/email/once.ts'

const message = () => ({ createReadStream: (_options?: object) => Readable.from(['the message']) })

it('knows when a message has begun to leave', async () => {
  const watched = message()
  const watch = watchData(watched)
  const stream = watched.createReadStream()
  expect(watch.started()).toBe(false)
  await text(stream)
  expect(watch.started()).toBe(true)
})

it('gives a message again that nobody has read', async () => {
  const watched = message()
  watchData(watched)
  watched.createReadStream()
  expect(await text(watched.createReadStream())).toBe('the message')
})

it('never gives out a message a second time', async () => {
  const watched = message()
  watchData(watched)
  await text(watched.createReadStream())
  await expect(text(watched.createReadStream())).rejects.toThrow('already begun to leave')
})
