import { expect, it } from 'vitest'
import { isOnAllowlist } from '../../src/channels/allowlist.ts'

const LIST = ['me@acme.example', '@Test.Acme.example', '+12125550142']

it.each([
  ['me@acme.example', true],
  ['ME@acme.example', true],
  ['you@acme.example', false],
  ['anybody@test.acme.example', true],
  ['me@evil-test.acme.example', false],
  ['me@sub.test.acme.example', false],
  ['+12125550142', true],
  ['+12125550143', false],
  ['', false],
])('%s is listed: %s', (contactPoint, listed) => {
  expect(isOnAllowlist(LIST, contactPoint)).toBe(listed)
})
