import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Hono } from 'hono'
import { cadenceJsonSchema } from '../../domain/cadence/file/parse.ts'
import type { ApiConfig } from '../deps.ts'
import type { Api, ApiEnv } from '../operation.ts'
import { describePublicRoutes } from './public-docs.ts'

const FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
}

/** The OpenAPI description, and a page that shows it; all of it is served from here. */
export function docsRoutes(api: Api, config: ApiConfig): Hono<ApiEnv> {
  const { version, privateUrl, publicUrl } = config
  const app = new Hono<ApiEnv>()
  describePublicRoutes(api, publicUrl)
  api.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'An api key; X-API-Key does too.',
  })
  app.get('/openapi.json', (c) =>
    c.json(
      api.getOpenAPI31Document({
        openapi: '3.1.0',
        info: {
          title: 'Rekindle',
          version,
          description: 'Leads, what happened to them, what comes next and why.',
        },
        servers: [{ url: privateUrl }],
      }),
    ),
  )
  // For editors, which ask without a key.
  app.get('/schemas/cadence.json', (c) => c.json(cadenceJsonSchema()))
  const require = createRequire(import.meta.url)
  const folder = dirname(require.resolve('swagger-ui-dist/package.json'))
  app.get('/docs', (c) => c.html(PAGE, 200, { 'Content-Security-Policy': POLICY }))
  app.get('/docs/start.js', (c) => c.body(START, 200, { 'Content-Type': 'text/javascript' }))
  app.get('/docs/:file', async (c) => {
    const file = c.req.param('file')
    const type = Object.hasOwn(FILES, file) ? FILES[file] : undefined
    if (type === undefined) return c.notFound()
    return c.body(await readFile(join(folder, file)), 200, { 'Content-Type': type })
  })
  return app
}

const POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Rekindle: the api</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`
const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true })\n`
