import type { Child, FC } from 'hono/jsx'
import type { PageProps } from './dev-site.tsx'

const STYLE = `
:root { color-scheme: light; font-family: system-ui, sans-serif; line-height: 1.5; color: #16302b }
body { margin: 0; background: #f6f8f6 }
.note { margin: 0; padding: .35rem 1rem; background: #16302b; color: #d9efe6; font-size: .85rem; text-align: center }
.note a { color: inherit }
header, main, footer { max-width: 60rem; margin: 0 auto; padding: 1rem 1.25rem }
header { display: flex; gap: 1.5rem; align-items: baseline }
header strong { font-size: 1.2rem; margin-right: auto }
a { color: #1c6b56 }
h1 { font-size: 2.4rem; line-height: 1.15; margin: 2rem 0 .75rem }
.lead { font-size: 1.15rem; max-width: 40rem }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem; margin: 2rem 0 }
.card { background: #fff; border-radius: .75rem; padding: 1.25rem; box-shadow: 0 1px 4px #0002 }
.card h2 { margin: 0 0 .25rem; font-size: 1.1rem }
.price { font-size: 1.6rem; font-weight: 700; margin: .25rem 0 }
.button, button { display: inline-block; background: #1c6b56; color: #fff; border: 0; border-radius: .5rem; padding: .7rem 1.3rem; font: inherit; font-weight: 600; text-decoration: none; cursor: pointer }
form { display: grid; gap: .8rem; max-width: 30rem }
label { display: grid; gap: .25rem; font-weight: 600 }
label.check { grid-template-columns: 1.2rem 1fr; font-weight: 400; font-size: .9rem; align-items: start }
input:not([type=checkbox]) { font: inherit; padding: .55rem .7rem; border: 1px solid #b9c8c2; border-radius: .4rem }
.problem { background: #fde8e4; color: #8c2413; padding: .6rem .9rem; border-radius: .4rem }
pre { overflow-x: auto; background: #16302b; color: #d9efe6; padding: .8rem 1rem; border-radius: .5rem; font-size: .85rem }
footer { color: #5a6f69; font-size: .85rem }
`

interface FrameProps extends PageProps {
  readonly title: string
  readonly children?: Child
}

/** Every page of the site: the tracker stands in it as its documentation says, in one line. */
const Frame: FC<FrameProps> = ({ site, tracker, title, children }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{`${title} · Acme Example`}</title>
      <link rel="icon" href="data:," />
      <style>{STYLE}</style>
      <script async src={tracker.src} data-key={tracker.key}></script>
    </head>
    <body>
      <p class="note">
        A sample site on this machine. What happens here shows in the <a href="/">console</a>.
      </p>
      <header>
        <strong>Acme Example</strong>
        <a href={site}>Home</a>
        <a href={`${site}/pricing`}>Pricing and contact</a>
      </header>
      <main>{children}</main>
      <footer>
        Acme Example, Inc. · 1 Example Street, New York, NY 10001 · invented from A to Z
      </footer>
    </body>
  </html>
)

export const Home: FC<PageProps> = (props) => (
  <Frame {...props} title="Home">
    <h1>Heating that pays for itself</h1>
    <p class="lead">
      Heat pumps for old houses and new ones: planned in a week, installed in a day, looked after
      for twenty years.
    </p>
    <p>
      <a class="button" href={`${props.site}/pricing`}>
        See prices
      </a>
    </p>
    <div class="cards">
      <div class="card">
        <h2>Planned for your house</h2>
        One visit, one honest figure.
      </div>
      <div class="card">
        <h2>Installed in a day</h2>
        Warm in the evening, whatever the weather.
      </div>
      <div class="card">
        <h2>Looked after</h2>
        We come when it is due, not when it is broken.
      </div>
    </div>
    <h2>How the tracker got onto this page</h2>
    <p>By one line in its head, served through a path of the site's own:</p>
    <pre>{`<script async src="${props.tracker.src}" data-key="${props.tracker.key.slice(0, 6)}…"></script>`}</pre>
  </Frame>
)

export const Pricing: FC<PageProps> = (props) => (
  <Frame {...props} title="Pricing">
    <h1>Prices, without small print</h1>
    <div class="cards">
      <div class="card">
        <h2>Flat</h2>
        <p class="price">$6,900</p>Up to 900 square feet
      </div>
      <div class="card">
        <h2>House</h2>
        <p class="price">$11,400</p>Up to 2,400 square feet
      </div>
      <div class="card">
        <h2>More</h2>
        <p class="price">Let us talk</p>Farms, shops, old mills
      </div>
    </div>
    <h2>Ask for an offer</h2>
    {props.problem !== undefined && (
      <p class="problem" role="alert">
        {props.problem}
      </p>
    )}
    <form method="post" action={`${props.site}/contact`}>
      <input type="hidden" name="formId" value={props.formId} />
      <label>
        First name
        <input name="firstName" autocomplete="given-name" value={kept(props, 'firstName')} />
      </label>
      <label>
        Email
        <input
          type="email"
          name="email"
          autocomplete="email"
          required
          value={kept(props, 'email')}
        />
      </label>
      <label>
        Mobile phone
        <input
          name="phone"
          autocomplete="tel"
          placeholder="+1 212 555 0142"
          value={kept(props, 'phone')}
        />
      </label>
      <label class="check">
        <input type="checkbox" name="texts" value="yes" checked={kept(props, 'texts') !== ''} />
        <span>
          I agree to get marketing texts from Acme Example at this number, which may be sent
          automatically. Agreeing is no condition of a purchase. Rates may apply; STOP ends them.
        </span>
      </label>
      <p>
        <button type="submit">Ask for an offer</button>
      </p>
    </form>
  </Frame>
)

export const DoneWell: FC<PageProps> = (props) => (
  <Frame {...props} title="Thank you">
    <h1>Thank you</h1>
    <p class="lead">Your request has arrived. Look into your inbox: an answer is there already.</p>
    <p>
      On this machine your inbox is the <a href="/outbox">console's outbox</a>.
    </p>
  </Frame>
)

/** What stood in a field of a form that was not taken. */
function kept({ written }: PageProps, field: string): string {
  const value = written?.[field]
  return typeof value === 'string' ? value : ''
}
