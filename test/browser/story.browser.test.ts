import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { type Started, start } from '../../src/start.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { until } from '../support/until.ts'

/** Chromium says of itself that it is headless; the tracker counts such visitors as bots. */
const PERSON =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const EMAIL = 'ada@example.com'

/** A start builds nothing, but a whole server and a browser come up on two busy cores. */
const SLOW_MS = 240_000

describe.skipIf(findChromium() === null)('a life, played in a real browser', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'rekindle-story-'))
  let product: Started
  let browser: Browser
  /** The company's people, at the console. */
  let staff: Page
  /** The lead, on the website and with its mail. */
  let person: BrowserContext
  /** What pages complained of in the browser's own console. */
  const complaints: string[] = []

  beforeAll(async () => {
    const reading = readConfig({
      REKINDLE_DATA_DIR: dataDir,
      PUBLIC_PORT: '0',
      PRIVATE_PORT: '0',
      LOG_LEVEL: 'error',
    })
    if (!reading.ok) throw new Error(reading.problems.join('; '))
    product = await start(reading.config)
    browser = await launchChromium()
    staff = await (await browser.newContext({ baseURL: product.privateUrl })).newPage()
    staff.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    person = await browser.newContext({ baseURL: product.privateUrl, userAgent: PERSON })
  }, SLOW_MS)

  afterAll(async () => {
    await browser?.close()
    await product?.stop()
    await rm(dataDir, { recursive: true, force: true })
  }, SLOW_MS)

  const said = () => staff.getByRole('status').innerText()
  const story = () => staff.getByRole('main').innerText()

  /** Loads the page again until it shows what is waited for. */
  async function reloadUntil(shown: RegExp): Promise<string> {
    return until(
      async () => {
        await staff.reload()
        const text = await story()
        return shown.test(text) && text
      },
      { what: `the page to show ${shown}`, everyMs: 250 },
    )
  }

  async function openLead(): Promise<void> {
    await staff.goto('/?q=ada')
    await staff.getByRole('link', { name: 'Ada' }).click()
    await staff.getByRole('heading', { name: 'Ada', level: 1 }).waitFor()
  }

  async function nextTouch(): Promise<void> {
    await staff.getByRole('button', { name: 'Next touch' }).click()
    expect(await said()).toContain('Time has passed')
  }

  async function passDays(days: number): Promise<void> {
    await staff.getByLabel('Days').fill(String(days))
    await staff.getByRole('button', { name: '+ days' }).click()
    expect(await said()).toContain('Time has passed')
  }

  /** The newest caught message, once there are so many. */
  async function newestMessage(atLeast: number): Promise<void> {
    await until(
      async () => {
        await staff.goto(`/outbox?to=${encodeURIComponent(EMAIL)}`)
        return (await staff.locator('.messages li').count()) >= atLeast
      },
      { what: `${atLeast} caught emails`, everyMs: 250 },
    )
    await staff.locator('.messages a').first().click()
  }

  const mailCount = async () => {
    await staff.goto(`/outbox?to=${encodeURIComponent(EMAIL)}`)
    return staff.locator('.messages li').count()
  }

  it(
    'goes from the install over form, cadence and death to the visit that revives',
    async () => {
      await staff.goto('/')
      await staff.getByLabel('API key').fill(product.apiKey)
      await staff.getByRole('button', { name: 'Log in' }).click()
      expect(await story()).toContain('Play it in five minutes')
      expect(await staff.getByRole('note').innerText()).toContain('nothing leaves this machine')

      // Install: the tracker is on the site, and gives the visitor an id on the site's own origin.
      const site = await person.newPage()
      const reported = () => site.waitForResponse(/\/dev\/site\/rk\/t$/)
      const [first] = await Promise.all([reported(), site.goto('/dev/site')])
      expect(first.status()).toBe(204)
      const visitor = () =>
        person.cookies().then((all) => all.find(({ name }) => name === 'rk_visitor'))
      expect((await visitor())?.httpOnly).toBe(true)

      // Form: posted by the site's server; the first email is there at once.
      await Promise.all([reported(), site.getByRole('link', { name: 'See prices' }).click()])
      await site.getByLabel('First name').fill('Ada')
      await site.getByLabel('Email').fill(EMAIL)
      await site.getByLabel('Mobile phone').fill('12')
      await site.getByRole('checkbox').check()
      await site.getByRole('button', { name: 'Ask for an offer' }).click()
      expect(await site.getByRole('alert').innerText()).toContain('too few digits')
      expect(await site.getByLabel('Email').inputValue()).toBe(EMAIL)
      await site.getByLabel('Mobile phone').fill('+1 212 555 0142')
      await site.getByRole('button', { name: 'Ask for an offer' }).click()
      await site.getByRole('heading', { name: 'Thank you' }).waitFor()
      await newestMessage(1)
      expect(await staff.getByRole('heading', { level: 1 }).innerText()).toContain('Ada')
      const mail = staff.frameLocator('iframe')
      expect(await mail.locator('body').innerText()).toContain('Hi Ada')

      // Cadence: what comes next, and why; time passes touch by touch.
      await openLead()
      expect(await story()).toContain('started new-lead')
      expect(await staff.locator('details.verdict').first().innerText()).toMatch(/allowed|not now/)
      await nextTouch()
      await nextTouch()
      expect(await story()).toMatch(/sms|email/i)

      // Death: nobody answers.
      await passDays(30)
      expect(await story()).toMatch(/nurturing → dead/)
      expect(await staff.locator('.lead-head').innerText()).toContain('dead: unresponsive')
      await passDays(40)
      expect(await staff.locator('.lead-head').innerText()).toContain('dead: unresponsive')
      const mailsBefore = await mailCount()

      // Visit: by the same browser, months later for the lead.
      await Promise.all([reported(), site.goto('/dev/site')])
      await openLead()
      const revived = await reloadUntil(/dead → nurturing/)
      expect(revived).toContain('welcome-back')
      expect(revived).toContain('the lead came back')

      // Revival: one friendly email.
      await nextTouch()
      await newestMessage(mailsBefore + 1)
      expect(await mailCount()).toBe(mailsBefore + 1)
      await newestMessage(mailsBefore + 1)

      // The lead answers, and a person takes over.
      await staff.getByLabel('Answer').fill('Yes, please call me.')
      await staff.getByRole('button', { name: 'Send the answer' }).click()
      expect(await said()).toContain('The answer has arrived')
      await openLead()
      await reloadUntil(/engaged/)
      expect(await staff.locator('.lead-head').innerText()).toContain('engaged')
      expect(await story()).toContain('Yes, please call me.')
      expect(await story()).toContain('Answer the lead')
    },
    SLOW_MS,
  )

  it(
    'knows a lead on another device by the link of a message',
    async () => {
      await staff.goto(`/outbox?to=${encodeURIComponent(EMAIL)}`)
      await staff.locator('.messages a').last().click()
      const link = staff.getByRole('link', { name: 'Pick a time that suits you' })
      const href = await link.getAttribute('href')
      expect(href).toMatch(new RegExp(`^${product.publicUrl}/r/`))

      const other = await browser.newContext({ userAgent: PERSON })
      const phone = await other.newPage()
      await Promise.all([phone.waitForResponse(/\/dev\/site\/rk\/t$/), phone.goto(href ?? '')])
      // The token is taken out of the address, so that nobody shares it by copying.
      expect(phone.url()).toBe(`${product.privateUrl}/dev/site`)
      await openLead()
      const text = await reloadUntil(/a person is talking with the lead/)
      expect(text).toMatch(/\bvisit\b/)
      expect(text).toMatch(/\bclick\b/)
    },
    SLOW_MS,
  )

  it(
    'ends texts for a lead that texts STOP, and email goes on',
    async () => {
      await staff.goto('/leads/new')
      await staff.getByLabel('First name').fill('Grace')
      await staff.getByLabel('Email', { exact: true }).fill('grace@example.com')
      await staff.getByLabel('Phone').fill('+1 305 555 0143')
      await staff.getByLabel(/agreed in writing/).check()
      await staff.getByRole('button', { name: 'Add the lead' }).click()
      expect(await said()).toContain('The lead is added')
      const leadUrl = staff.url()
      const texts = async () => {
        await staff.goto('/outbox?to=%2B13055550143')
        return staff.locator('.messages li').count()
      }
      await until(
        async () => {
          await staff.goto(leadUrl)
          await nextTouch()
          return (await texts()) > 0
        },
        { what: 'the first text', timeoutMs: 60_000 },
      )
      const before = await texts()
      await staff.locator('.messages a').first().click()
      await staff.getByRole('button', { name: 'Text STOP' }).click()
      expect(await said()).toContain('The answer has arrived')
      await staff.goto(leadUrl)
      await reloadUntil(/opt.out/)
      const sms = staff.locator('details.verdict').nth(1)
      expect(await sms.innerText()).toContain('not allowed')
      await passDays(30)
      // The one answer that the law asks for is all that still came.
      expect(await texts()).toBeLessThanOrEqual(before + 1)
    },
    SLOW_MS,
  )

  it(
    'corrects how an answer was understood, and takes that back',
    async () => {
      await staff.goto('/leads/new')
      await staff.getByLabel('First name').fill('Barbara')
      await staff.getByLabel('Email', { exact: true }).fill('barbara@example.com')
      await staff.getByRole('button', { name: 'Add the lead' }).click()
      const leadUrl = staff.url()
      await nextTouch()
      await staff.goto('/outbox?to=barbara%40example.com')
      await staff.locator('.messages a').first().click()
      await staff.getByLabel('Answer').fill('We went with Acme Windows instead.')
      await staff.getByRole('button', { name: 'Send the answer' }).click()
      await staff.goto(leadUrl)
      await reloadUntil(/understood as competitor/)
      const head = () => staff.locator('.lead-head').innerText()
      await until(async () => (await staff.reload(), (await head()).includes('dead')))

      await staff.getByText('It meant something else').click()
      await staff.getByLabel('It meant').selectOption({ label: 'question' })
      await staff.getByLabel('Why', { exact: true }).fill('She only asked.')
      await staff.getByRole('button', { name: 'Correct it' }).click()
      expect(await said()).toContain('It is corrected')
      await reloadUntil(/understood as question/)
      expect(await story()).toMatch(/understood as competitor.* taken back by/)
      expect(await head()).toContain('engaged')

      await staff.getByText('It meant something else').click()
      await staff.getByRole('button', { name: 'Only undo it' }).click()
      expect(await said()).toContain('It is taken back')
      await until(async () => {
        await staff.reload()
        return (await staff.locator('details[name=correct]').count()) === 0
      })
    },
    SLOW_MS,
  )

  it(
    'lets a person choose, pause, leave and be erased, on a phone and without scripts',
    async () => {
      const answer = await fetch(`${product.privateUrl}/v1/leads`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${product.apiKey}`,
          'Content-Type': 'application/json',
        },
        body: JSON.stringify({
          lead: {
            email: 'edith@example.com',
            phone: '+12125550177',
            firstName: 'Edith',
            zip: '10001',
          },
          consents: [
            { channel: 'sms', basis: 'express_written', disclosure: 'web-1', source: 'form' },
          ],
          cadence: 'new-lead',
          event: 'form',
        }),
      })
      const leadUrl = `/leads/${JSON.parse(await answer.text()).lead.id}`
      const head = async () => {
        await staff.goto(leadUrl)
        return staff.locator('.lead-head').innerText()
      }
      await until(
        async () => {
          await staff.goto('/outbox?to=edith%40example.com')
          return (await staff.locator('.messages li').count()) > 0
        },
        { what: 'the first email' },
      )
      await staff.locator('.messages a').first().click()
      const href = await staff.getByRole('link', { name: 'Unsubscribe' }).getAttribute('href')

      const phone = await browser.newContext({
        viewport: { width: 320, height: 640 },
        javaScriptEnabled: false,
      })
      const page = await phone.newPage()
      const press = (name: string) => page.getByRole('button', { name }).click()
      const told = () => page.getByRole('status').innerText()
      await page.goto(href ?? '')
      expect(await head()).toContain('nurturing')
      // Nothing is wider than the screen, and each button can be hit with a thumb.
      expect((await page.getByRole('main').boundingBox())?.width).toBeLessThanOrEqual(320)
      for (const button of await page.getByRole('button').all()) {
        if (await button.isVisible()) {
          expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44)
        }
      }

      await press('Pause for three months')
      expect(await page.getByRole('main').innerText()).toContain('We write nothing until')
      await until(async () => (await head()).includes('held'), { what: 'the pause' })
      await press('End the pause')
      expect(await told()).toBe('The pause is over.')
      await page.getByLabel('Text messages').uncheck()
      await press('Save my choice')
      expect(await told()).toBe('Your choice is saved.')
      expect(await page.getByLabel('Emails').isChecked()).toBe(true)
      expect(await page.getByLabel('Text messages').isDisabled()).toBe(true)
      await press('Unsubscribe from all emails')
      expect(await told()).toContain('You are unsubscribed')
      await until(async () => (await head()).includes('opted'), { what: 'the end' })

      await page.goto(href ?? '')
      await page.getByText('Erase my data', { exact: true }).click()
      await page.getByRole('button', { name: 'Erase', exact: true }).click()
      expect(await page.getByRole('alert').innerText()).toContain('Nothing was erased')
      await page.getByText('Erase my data', { exact: true }).click()
      await page.getByLabel('Yes, erase my data').check()
      await page.getByRole('button', { name: 'Erase', exact: true }).click()
      expect(await page.getByRole('main').innerText()).toContain('Your data are erased.')
      await page.goto(href ?? '')
      expect(await page.getByRole('main').innerText()).toContain('This link is not known')
      await phone.close()
    },
    SLOW_MS,
  )

  it('left nothing in the browser’s console to complain of', () => {
    expect(complaints).toEqual([])
  })
})
