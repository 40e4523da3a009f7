import { createAdaptorServer } from '@hono/node-server'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ConsoleLab, openConsole } from '../console/setup.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'

describe.skipIf(findChromium() === null)('the console’s menu in a real browser', () => {
  let lab: ConsoleLab
  let browser: Browser
  let page: Page
  let server: ReturnType<typeof createAdaptorServer>

  beforeAll(async () => {
    lab = await openConsole()
    await lab.addLead({ email: 'ada@example.com', firstName: 'Ada' }, { cadence: 'new-lead' })
    server = createAdaptorServer({ fetch: lab.app.fetch })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    browser = await launchChromium()
    page = await (await browser.newContext({ baseURL: `http://127.0.0.1:${port}` })).newPage()
    await page.goto('/login')
    await page.locator('input[name="key"]').fill(lab.key.key)
    await page.locator('button[type="submit"]').click()
  })
  afterAll(async () => {
    await browser?.close()
    await new Promise((closed) => server?.close(closed))
    await lab?.close()
  })

  it.each([1_440, 1_100, 1_024])('is one line on a screen of %i pixels', async (width) => {
    await page.setViewportSize({ width, height: 800 })
    await page.goto('/webhooks')
    const bar = page.getByRole('navigation', { name: 'Main' })
    const middles = await bar.locator('li, .brand').evaluateAll((items) =>
      items.map((item) => {
        const { top, height } = item.getBoundingClientRect()
        return top + height / 2
      }),
    )
    expect(middles).toHaveLength(11)
    expect(Math.max(...middles) - Math.min(...middles)).toBeLessThan(8)
  })

  it.each([
    '/',
    '/tasks',
    '/bulk',
    '/cadences',
    '/cadences/results',
    '/webhooks',
    '/consent',
    '/policy',
    '/emergency',
    '/outbound',
    '/alerts',
  ])('shows %s on a telephone without scrolling to the side', async (path) => {
    await page.setViewportSize({ width: 390, height: 800 })
    await page.goto(path)
    const root = page.locator('html')
    const [shown, whole] = await root.evaluate((html) => [html.clientWidth, html.scrollWidth])
    expect(whole).toBe(shown)
  })
})
