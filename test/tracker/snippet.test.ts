import { Script } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { TOKEN_PARAMETER, VISITOR_COOKIE_SECONDS } from '../../src/tracker/contract.ts'
import { trackerSnippet } from '../../src/tracker/snippet.ts'

const snippet = trackerSnippet()

interface Sent {
  readonly url: string
  readonly body: Readonly<Record<string, unknown>>
}

/** Runs the snippet on a page of a browser reduced to what it touches. */
function openPage(address: string, attributes: Record<string, string> = { 'data-key': 'wk_1' }) {
  const sent: Sent[] = []
  const listeners = new Map<string, ((event: { isTrusted: boolean }) => void)[]>()
  const location = new URL(address)
  const history = {
    state: null,
    pushState: (_state: unknown, _title: string, path: string) => {
      location.href = new URL(path, location).href
    },
    replaceState: (_state: unknown, _title: string, path: string) => {
      location.href = new URL(path, location).href
    },
  }
  const script = {
    src: `${location.origin}/rk/t.js?v=2`,
    getAttribute: (name: string) => attributes[name] ?? null,
  }
  const window = {
    addEventListener: (name: string, listener: (event: { isTrusted: boolean }) => void) =>
      listeners.set(name, [...(listeners.get(name) ?? []), listener]),
  }
  let answer = () => {}
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  const fetch = (url: string, init: { body: string }) => {
    sent.push({ url, body: JSON.parse(init.body) })
    return answered
  }
  const world = { document: { currentScript: script }, window, location, history, fetch, URL, JSON }
  new Script(snippet).runInNewContext({ ...world, navigator: {} })
  const happen = (name: string, isTrusted = true) =>
    listeners.get(name)?.forEach((listener) => {
      listener({ isTrusted })
    })
  return {
    sent,
    location,
    history,
    happen,
    /** The server answers what it was sent; whatever waits for that goes on. */
    answer: async () => {
      answer()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('the tracker’s script', () => {
  it('reports the page without its query, to the path it was loaded from', () => {
    const { sent } = openPage('https://www.acme.example/pricing?email=ada@example.com')
    expect(sent).toEqual([
      {
        url: 'https://www.acme.example/rk/t',
        body: {
          key: 'wk_1',
          event: 'page',
          page: 'https://www.acme.example/pricing',
          token: null,
          identify: null,
        },
      },
    ])
  })

  it('waits for the first answer, which gives a new visitor its id', async () => {
    const { sent, happen, answer } = openPage('https://www.acme.example/a')
    happen('scroll')
    expect(sent.map(({ body }) => body.event)).toEqual(['page'])
    await answer()
    expect(sent.map(({ body }) => body.event)).toEqual(['page', 'interaction'])
  })

  it('takes the token out of the address bar and sends it', () => {
    const { sent, location } = openPage(
      `https://www.acme.example/?plan=pro&${TOKEN_PARAMETER}=abc#top`,
    )
    expect(sent[0]?.body.token).toBe('abc')
    expect(location.href).toBe('https://www.acme.example/?plan=pro#top')
  })

  it('reports each page of a site that changes pages by itself', async () => {
    const { sent, history, happen, answer } = openPage('https://www.acme.example/a')
    history.pushState(null, '', '/b')
    history.replaceState(null, '', '/b?filter=1')
    history.pushState(null, '', '/c')
    happen('popstate')
    await answer()
    expect(sent.map(({ body }) => body.page)).toEqual([
      'https://www.acme.example/a',
      'https://www.acme.example/b',
      'https://www.acme.example/c',
    ])
  })

  it('reports the first act of a person, once, and none of a script', async () => {
    const { sent, happen, answer } = openPage('https://www.acme.example/')
    happen('click', false)
    happen('scroll')
    happen('keydown')
    await answer()
    expect(sent.map(({ body }) => body.event)).toEqual(['page', 'interaction'])
  })

  it('passes on whom the site’s own server vouches for, and does nothing without a key', () => {
    const signed = { 'data-key': 'wk_1', 'data-external-id': 'crm-88', 'data-signature': 'ab' }
    expect(openPage('https://www.acme.example/', signed).sent[0]?.body.identify).toEqual({
      externalId: 'crm-88',
      signature: 'ab',
    })
    expect(openPage('https://www.acme.example/', {}).sent).toEqual([])
  })

  it('never asks a browser to keep a cookie longer than it would', () => {
    expect(VISITOR_COOKIE_SECONDS).toBe(400 * 86_400)
  })
})
