import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { findChromium, launchChromium } from './chromium.ts'

it.skipIf(findChromium() === null)('opens a page of this machine in a real Chromium', async () => {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<title>before</title><script>document.title = `after ${1 + 1}`</script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${port}/`)
    expect(await page.title()).toBe('after 2')
  } finally {
    await browser.close()
    server.close()
  }
})
