import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ConsoleLab, openConsole, Visitor } from './setup.ts'

let lab: ConsoleLab
let visitor: Visitor

beforeAll(async () => {
  lab = await openConsole()
  visitor = new Visitor(lab.app)
  await visitor.logIn(lab.key.key)
})
afterAll(() => lab.close())

/** The links of the page's navigation, each with what `aria-current` says of it. */
async function menuOf(path: string) {
  const html = await (await visitor.get(path)).text()
  const [bar = '', neighbours = ''] = [...html.matchAll(/<nav\b.*?<\/nav>/gs)].map(([nav]) => nav)
  const linksOf = (nav: string) =>
    [...nav.matchAll(/<a href="([^"]+)"(?: aria-current="(\w+)")?>([^<]+)</g)].map(
      ([, href, current, label]) => ({ href, current, label }),
    )
  return { bar: linksOf(bar), neighbours: linksOf(neighbours) }
}

describe('the menu', () => {
  it.each([
    ['/', 'Leads', 'Leads'],
    ['/bulk', 'Leads', 'Many'],
    ['/cadences', 'Cadences', 'Cadences'],
    ['/cadences/results', 'Cadences', 'Results'],
    ['/offerings', 'Cadences', 'Offerings'],
    ['/webhooks', 'Cadences', 'Webhooks'],
    ['/policy', 'Policy', 'Policy'],
    ['/consent', 'Policy', 'Consent'],
    ['/emergency', 'Policy', 'Emergency stops'],
    ['/outbound', 'Policy', 'Going live'],
  ])('marks where %s stands', async (path, name, page) => {
    const { bar, neighbours } = await menuOf(path)
    const marked = bar.filter(({ current }) => current !== undefined)
    expect(marked.map(({ label }) => label)).toEqual([name])
    expect(marked[0]?.current).toBe(name === page ? 'page' : 'true')
    expect(neighbours.find(({ current }) => current === 'page')).toMatchObject({
      href: path,
      label: page,
    })
  })

  it.each(['/tasks', '/mail', '/outbox', '/alerts'])(
    'shows %s without neighbours',
    async (path) => {
      const { bar, neighbours } = await menuOf(path)
      expect(bar.find(({ current }) => current === 'page')?.href).toBe(path)
      expect(neighbours.filter(({ current }) => current === 'page')).toEqual([])
    },
  )

  it('leads to pages that are there', async () => {
    const { bar } = await menuOf('/')
    const hrefs = bar.map(({ href }) => href ?? '').filter((href) => href.startsWith('/'))
    expect(hrefs).toHaveLength(7)
    for (const href of hrefs) {
      const { neighbours } = await menuOf(href)
      for (const { href: to = '' } of neighbours) {
        expect((await visitor.get(to)).status, to).toBe(200)
      }
      expect((await visitor.get(href)).status, href).toBe(200)
    }
  })
})
