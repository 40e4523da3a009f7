import { describe, expect, it } from 'vitest'
import { judgeBounce } from '../../../src/channels/email/judge-bounce.ts'
import { returnDate } from '../../../src/channels/email/return-date.ts'

const byStatus = (status: string, words = '', replyCode: number | null = null) =>
  judgeBounce({ status, replyCode, words })
const byReply = (replyCode: number, words = '') => judgeBounce({ status: null, replyCode, words })

describe('what a refusal means', () => {
  it.each(['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1'])('%s is hard', (status) => {
    expect(byStatus(status)).toBe('hard')
    expect(byStatus(status, '550 see https://example.com/spam-policy')).toBe('hard')
  })

  it.each(['4.0.0', '4.2.2', '4.4.7', '4.7.1', '5.2.2'])('%s is soft', (status) => {
    expect(byStatus(status)).toBe('soft')
  })

  it.each(['5.7.1', '5.7.26', '5.7.515', '5.3.0', '5.3.4', '5.6.0'])(
    '%s never blames the lead, whatever is said beside it',
    (status) => {
      expect(byStatus(status)).toBe('policy')
      expect(byStatus(status, '550 user unknown', 550)).toBe('policy')
    },
  )

  it('goes by the class of the reply where there is no enhanced code', () => {
    expect(byReply(550)).toBe('hard')
    expect(byReply(553)).toBe('hard')
    expect(byReply(421)).toBe('soft')
    expect(byReply(450, 'user unknown')).toBe('soft')
    expect(byReply(552)).toBe('soft')
  })

  it('reads the words where the codes leave it open', () => {
    expect(byStatus('5.0.0', '550 blocked by our spam filter', 550)).toBe('policy')
    expect(byStatus('5.0.0', '554 mailbox quota exceeded', 554)).toBe('soft')
    expect(byStatus('5.0.0', '550 no such user', 550)).toBe('hard')
    expect(byStatus('5.1.1', '550 blocked using zen.spamhaus.org', 550)).toBe('policy')
    expect(byStatus('5.1.0', '550 5.1.0 sender address rejected', 550)).toBe('policy')
    expect(byReply(554, 'Message rejected due to DMARC policy')).toBe('policy')
  })
})

describe('the day on which somebody is back', () => {
  it.each([
    ['I am away until December 4.', '2026-12-05'],
    ['I return on Monday, 7 December 2026. Regards', '2026-12-07'],
    ['I will be back on Tuesday.', '2026-11-24'],
    ['Out from 1 December to 11 December 2026', '2026-12-12'],
    ['Ich bin ab dem 7. Dezember 2026 wieder erreichbar.', '2026-12-07'],
    ['Ich bin bis einschließlich 4. Dezember abwesend.', '2026-12-05'],
    ['Ik ben afwezig tot en met 4 december 2026.', '2026-12-05'],
    ['Je serai de retour le 7 décembre 2026.', '2026-12-07'],
    ['Vuelvo el 7 de diciembre de 2026.', '2026-12-07'],
    ['Sarò assente fino al 4 dicembre 2026.', '2026-12-05'],
    ['Voltarei em 7 de dezembro de 2026.', '2026-12-07'],
    ['I am away until 05/12.', '2026-12-06'],
  ])('%s', (words, day) => {
    expect(returnDate(words, '2026-11-23')).toBe(day)
  })

  it.each([
    'I am out of the office.',
    'I was away until November 3, 2025.',
    'I am away until 2031-01-01.',
    'We received your request of 23 November 2026.',
    'For urgent matters call 555-0142.',
  ])('is not read into: %s', (words) => {
    expect(returnDate(words, '2026-11-23')).toBeNull()
  })
})
