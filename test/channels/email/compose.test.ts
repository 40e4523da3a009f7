import { expect, it } from 'vitest'
import { composeEmail, textFromHtml } from '../../../src/channels/email/compose.ts'
import type { OutgoingEmail } from '../../../src/channels/types.ts'
import { sampleEmail } from './sample.ts'

function without(key: 'text' | 'html' | 'unsubscribe' | 'returnPath'): OutgoingEmail {
  const { [key]: _, ...rest } = sampleEmail()
  return rest
}

it('derives the text part from the HTML one', () => {
  const { text, html } = composeEmail(without('text'), { stampTime: false })
  expect(text).toBe('Hi Ada,\n\nstill interested [https://acme.example/q]?')
  expect(html).toContain('<p>')
})

it('sends text alone when there is no HTML', () => {
  const { text, html } = composeEmail(without('html'), { stampTime: false })
  expect(text).toContain('still interested?')
  expect(html).toBeUndefined()
})

it('names neither unsubscribe header without a way to unsubscribe', () => {
  const { headers } = composeEmail(without('unsubscribe'), { stampTime: false })
  expect(Object.keys(headers ?? {})).toEqual(['X-Rekindle-Touch'])
})

it('tells machines that it comes from one, where it does', () => {
  const { headers } = composeEmail({ ...sampleEmail(), automatic: true }, { stampTime: false })
  expect(headers).toMatchObject({ 'Auto-Submitted': 'auto-generated' })
})

it('lets bounces go to the sender when there is no return path', () => {
  const { envelope } = composeEmail(without('returnPath'), { stampTime: false })
  expect(envelope).toMatchObject({ from: 'sam@acme.example' })
})

it('leaves images, styles and scripts out of the text', () => {
  const html =
    '<style>p{}</style><h1>News</h1><img src="x.png" alt="logo"><p>One<br>two</p><script>x()</script>'
  expect(textFromHtml(html)).toBe('News\n\nOne\ntwo')
})
