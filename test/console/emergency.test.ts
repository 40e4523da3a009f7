import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ConsoleLab, openConsole, Visitor } from './setup.ts'

let lab: ConsoleLab
let visitor: Visitor
beforeAll(async () => {
  lab = await openConsole()
  visitor = new Visitor(lab.app)
  await visitor.logIn(lab.key.key)
})
afterAll(() => lab.close())

const page = async (path: string) => (await visitor.get(path)).text()

it('stops with one button, says so on every page, and lifts again', async () => {
  const leadId = await lab.addLead({ firstName: 'Ada', email: 'ada@example.com' })
  expect(await page('/')).not.toContain('role="alert"')
  const because = 'wrong <b>prices</b>'
  const said = await visitor.post('/emergency', { scope: 'global', because })
  expect(said.headers.get('Location')).toBe('/emergency')
  const shown = await page('/emergency')
  expect(shown).toContain('Stopped: everything')
  expect(shown).toContain('wrong &lt;b&gt;prices&lt;/b&gt;')
  expect(shown).toContain('Concerns 1 lead;')
  expect(shown).toContain(`href="/leads/${leadId}"`)
  for (const path of ['/', '/tasks', '/alerts', `/leads/${leadId}`]) {
    expect(await page(path)).toContain('<strong>Emergency stop</strong>: everything.')
  }
  expect(await page(`/leads/${leadId}`)).toContain('An emergency stop for everything is on since')
  const [, stopId] = /\/emergency\/(hold_[^/]+)\/lift/.exec(shown) ?? []
  await visitor.post(`/emergency/${stopId}/lift`, {})
  expect(await page('/emergency')).toContain('The stop for everything is lifted')
  expect(await page('/')).not.toContain('role="alert"')
})

it('stops nothing without words', async () => {
  await visitor.post('/emergency', { scope: 'state', key: 'LA', because: ' ' })
  expect(await page('/emergency')).toContain('Nothing was stopped')
})
