import { html } from 'hono/html'
import type { FC } from 'hono/jsx'
import type { PreviewEvent } from '../../domain/preview/types.ts'
import { describeLocal } from '../../domain/time-zones.ts'
import { dayOf, endWords, stepWords, type ToldPreview, whatOf } from './tell.ts'
import { billWords, weightWords } from './text-weight.ts'

interface PageProps {
  readonly title: string
  readonly previews: readonly ToldPreview[]
}

/** A page that stands alone: no script, nothing loaded, good to print or to send round. */
export async function previewPage(props: PageProps): Promise<string> {
  const page = await html`<!doctype html>${<Page {...props} />}`
  // It is a String object, whatever its type says; files take the text alone.
  return page.toString()
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 56rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem }
ol { list-style: none; padding: 0 }
li { display: grid; grid-template-columns: 11rem 1fr; gap: 1rem; padding: .75rem 0; border-top: 1px solid #8884 }
time, .why { color: #777; font-size: .875rem }
.what { font-weight: 600 }
.email .what { color: #b3451a } .sms .what { color: #1a6fb3 } .dropped .what { color: #a33 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; background: #8881; padding: .75rem 1rem; border-radius: .5rem; margin: .5rem 0 }
details > ul { margin: .25rem 0 0; padding-left: 1.25rem }
@media (max-width: 40rem) { li { grid-template-columns: 1fr; gap: .25rem } }
@media print { details { display: block } li { break-inside: avoid } }
`

const Page: FC<PageProps> = ({ title, previews }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{`${title} · preview`}</title>
      <style dangerouslySetInnerHTML={{ __html: STYLE }} />
    </head>
    <body>
      <h1>{title}</h1>
      <p>A preview: nothing was sent.</p>
      {previews.map((told) => (
        <Lead told={told} />
      ))}
    </body>
  </html>
)

const Lead: FC<{ readonly told: ToldPreview }> = ({ told }) => (
  <section>
    <h2>{told.name}</h2>
    <p>Times of {told.zone}.</p>
    <ol>
      {told.preview.events.map((event) => (
        <li class={event.kind === 'touch' ? event.channel : event.kind}>
          <time>
            day {dayOf(told, event.at)}
            <br />
            {describeLocal(event.at, told.zone)}
          </time>
          <div>
            <span class="what">{whatOf(event)}</span>
            <Detail event={event} weight={weightWords(event, told.bill)} />
          </div>
        </li>
      ))}
    </ol>
    <p>
      {endWords(told)} {billWords(told.preview.events, told.bill)}
    </p>
  </section>
)

const Detail: FC<{ readonly event: PreviewEvent; readonly weight: string }> = ({
  event,
  weight,
}) => {
  switch (event.kind) {
    case 'touch':
      return <Touch touch={event} weight={weight} />
    case 'happened':
      return <p class="why">{event.effect}</p>
    case 'step':
      return <p class="why">{stepWords(event)}</p>
    case 'task':
      return <p class="why">{event.title}</p>
    case 'dropped':
    case 'refused':
    case 'episode':
    case 'became':
      return <p class="why">{event.because}</p>
  }
}

interface TouchProps {
  readonly touch: Extract<PreviewEvent, { kind: 'touch' }>
  readonly weight: string
}

const Touch: FC<TouchProps> = ({ touch, weight }) => (
  <>
    {touch.message.ok && touch.message.subject !== null && <p>Subject: {touch.message.subject}</p>}
    {weight !== '' && <p class="why">{weight}</p>}
    {touch.message.ok && <pre>{touch.message.text.trim()}</pre>}
    <details class="why">
      <summary>Why then</summary>
      <ul>
        {touch.rules
          .filter(({ verdict }) => verdict !== 'not_applicable')
          .map(({ because, source }) => (
            <li style="display: list-item; border: 0; padding: 0">
              {because}
              {source === null ? '' : ` (${source})`}
            </li>
          ))}
      </ul>
    </details>
  </>
)
