import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Hono } from 'hono'

interface Asset {
  readonly path: string
  readonly body: string
}

const pico = createRequire(import.meta.url).resolve('@picocss/pico/css/pico.min.css')
const own = new URL('console.css', import.meta.url)

/** The two stylesheets, in the order in which a page takes them; their addresses change with them. */
const stylesheets: readonly Asset[] = [pico, own].map((file) => {
  const body = readFileSync(file, 'utf8')
  const mark = createHash('sha256').update(body).digest('hex').slice(0, 12)
  return { path: `/assets/${mark}.css`, body }
})

export const STYLESHEET_PATHS: readonly string[] = stylesheets.map(({ path }) => path)

/** Serves what pages need, from this process: nothing is asked of anyone else. */
export function assetRoutes(): Hono {
  const app = new Hono()
  for (const { path, body } of stylesheets) {
    app.get(path, (c) =>
      c.body(body, 200, {
        'Content-Type': 'text/css; charset=utf-8',
        'Cache-Control': 'public, max-age=31536000, immutable',
      }),
    )
  }
  return app
}
