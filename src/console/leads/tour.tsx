import type { FC } from 'hono/jsx'

/** How to see a whole life of a lead in five minutes, on this machine. */
export const Tour: FC<{ open: boolean }> = ({ open }) => (
  <details class="tour" open={open}>
    <summary>
      <strong>Play it in five minutes</strong>: a lead lives, dies and comes back
    </summary>
    <ol>
      <li>
        <strong>Install.</strong> Open the{' '}
        <a href="/dev/site" target="_blank" rel="noreferrer">
          sample site
        </a>
        : one line of HTML puts the tracker on it. Look around.
      </li>
      <li>
        <strong>Form.</strong> Fill in its form, as a visitor would. The first email is in the{' '}
        <a href="/outbox">outbox</a> at once.
      </li>
      <li>
        <strong>Cadence.</strong> Open the lead here. Read what comes next and why, and let time
        pass with <em>Next touch</em>: texts keep to legal hours, emails vary their times.
      </li>
      <li>
        <strong>Death.</strong> Answer nothing, until the lead is dead: <em>unresponsive</em>. Then
        let 40 days go by; a lead that was just given up is left alone for a month.
      </li>
      <li>
        <strong>Visit.</strong> Go to the sample site again, or click a link in a caught email.
      </li>
      <li>
        <strong>Revival.</strong> <em>Next touch</em>: one friendly email welcomes the lead back.
        Answer it in the outbox as the lead would, and a person takes over.
      </li>
    </ol>
  </details>
)
