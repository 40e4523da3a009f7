import { describe, expect, it } from 'vitest'
import { Sessions } from '../../src/console/session.ts'
import { HOUR_MS, instant, plus } from '../../src/domain/time.ts'

const now = instant(Date.parse('2026-11-22T12:00:00Z'))
const key = { id: 'key_1', name: 'first key' }

describe('a session', () => {
  it('is read from its own cookie, until its time is over', () => {
    const sessions = new Sessions(Buffer.from('secret'))
    const session = sessions.open(key, now)
    const cookie = sessions.seal(session)
    expect(sessions.read(cookie, now)).toEqual(session)
    expect(sessions.read(cookie, plus(now, 12 * HOUR_MS - 1))).toEqual(session)
    expect(sessions.read(cookie, plus(now, 12 * HOUR_MS))).toBeNull()
  })

  it('is not read when one character of it was changed, or another secret signed it', () => {
    const sessions = new Sessions(Buffer.from('secret'))
    const cookie = sessions.seal(sessions.open(key, now))
    for (let at = 0; at < cookie.length; at += 7) {
      const other = cookie[at] === 'A' ? 'B' : 'A'
      const forged = `${cookie.slice(0, at)}${other}${cookie.slice(at + 1)}`
      expect(sessions.read(forged, now)).toBeNull()
    }
    expect(new Sessions(Buffer.from('another')).read(cookie, now)).toBeNull()
    expect(sessions.read(undefined, now)).toBeNull()
    expect(sessions.read('nonsense', now)).toBeNull()
  })

  it('is over for everyone who has its cookie once it was ended', () => {
    const sessions = new Sessions(Buffer.from('secret'))
    const [mine, other] = [sessions.open(key, now), sessions.open(key, now)]
    sessions.end(mine, now)
    expect(sessions.read(sessions.seal(mine), now)).toBeNull()
    expect(sessions.read(sessions.seal(other), now)).toEqual(other)
  })

  it('has a token for its forms that fits no other session', () => {
    const sessions = new Sessions(Buffer.from('secret'))
    const [mine, other] = [sessions.open(key, now), sessions.open(key, now)]
    expect(sessions.isFormToken(mine, sessions.formToken(mine))).toBe(true)
    expect(sessions.isFormToken(mine, sessions.formToken(other))).toBe(false)
    expect(sessions.isFormToken(mine, '')).toBe(false)
  })
})
