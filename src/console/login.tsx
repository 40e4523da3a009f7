import { Hono } from 'hono'
import type { FC } from 'hono/jsx'
import { MINUTE_MS } from '../domain/time.ts'
import type { ConsoleDeps } from './deps.ts'
import { Document } from './layout.tsx'
import { safeUrl } from './security.ts'
import type { Doorway } from './view.ts'

/** Wrong keys in a minute, from anyone, after which nobody is asked for a while. */
const MOST_FAILURES = 20

/** The log-in page. It is the only one that needs no session. */
export function loginRoutes(deps: ConsoleDeps, doorway: Doorway): Hono {
  const app = new Hono()
  let failures: number[] = []

  app.get('/login', (c) =>
    c.html(<LoginPage hint={deps.keyHint} back={c.req.query('back') ?? null} wrong={null} />),
  )

  app.post('/login', async (c) => {
    const body = await c.req.parseBody()
    const key = typeof body.key === 'string' ? body.key.trim() : ''
    const back = typeof body.back === 'string' ? body.back : null
    const again = (wrong: string, status: 401 | 429) =>
      c.html(<LoginPage hint={deps.keyHint} back={back} wrong={wrong} />, status)

    failures = failures.filter((at) => at > deps.now() - MINUTE_MS)
    if (failures.length >= MOST_FAILURES) {
      return again('Too many wrong keys. Wait a minute, then try again.', 429)
    }
    const holder = key === '' ? null : await deps.checkKey(key)
    if (holder === null) {
      failures.push(deps.now())
      return again('This key is not known here, or it was revoked.', 401)
    }
    doorway.logIn(c, holder)
    return c.redirect(pathHere(back) ?? '/', 303)
  })

  return app
}

/** Only ever back to a page of ours. */
function pathHere(back: string | null): string | null {
  return back !== null && back.startsWith('/') ? safeUrl(back) : null
}

interface LoginProps {
  readonly hint: string | null
  readonly back: string | null
  readonly wrong: string | null
}

const LoginPage: FC<LoginProps> = ({ hint, back, wrong }) => (
  <Document title="Log in">
    <main class="login">
      <article>
        <h1>Rekindle</h1>
        <form method="post" action="/login">
          <label>
            API key
            <input
              type="password"
              name="key"
              autocomplete="current-password"
              required
              autofocus
              {...(wrong !== null && { 'aria-invalid': 'true', 'aria-describedby': 'wrong' })}
            />
            {wrong !== null && <small id="wrong">{wrong}</small>}
          </label>
          {back !== null && <input type="hidden" name="back" value={back} />}
          <button type="submit">Log in</button>
        </form>
        {hint !== null && (
          <p class="hint">
            The key that was made at the first start stands in <code>{hint}</code>.
          </p>
        )}
      </article>
    </main>
  </Document>
)
