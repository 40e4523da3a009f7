import type { OutgoingEmail } from '../../../src/channels/types.ts'
import { id } from '../../../src/domain/ids.ts'

/** A whole marketing email, to change one thing of. */
export function sampleEmail(change: Partial<OutgoingEmail> = {}): OutgoingEmail {
  return {
    touch: id('touch-7'),
    from: { name: 'Sam at Acme', address: 'sam@acme.example' },
    to: 'ada@example.com',
    returnPath: 'bounces+touch-7@acme.example',
    subject: 'Your quote, Ada – one question',
    text: 'Hi Ada,\n\nstill interested?\n',
    html: '<p>Hi Ada,</p><p>still <a href="https://acme.example/q">interested</a>?</p>',
    messageId: '<touch-7@acme.example>',
    unsubscribe: { url: 'https://go.acme.example/u/tok3n', mailto: 'stop@acme.example' },
    ...change,
  }
}
