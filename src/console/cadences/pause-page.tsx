import type { FC } from 'hono/jsx'
import { instant } from '../../domain/time.ts'
import type { CadencePauseView } from '../../leads/stops/cadence-pause.ts'
import type { ResumePreview } from '../../leads/stops/resume-preview.ts'
import { Page } from '../layout.tsx'
import { Moment, PostForm } from '../parts.tsx'
import { ResumeChoice } from '../resume-choice.tsx'
import type { View } from '../view.ts'

interface PausePageProps {
  readonly view: View
  readonly cadence: { readonly name: string; readonly title: string }
  /** null: it goes on, and may be paused. */
  readonly paused: { readonly pause: CadencePauseView; readonly preview: ResumePreview } | null
  /** How many leads are in it. */
  readonly leads: number
  /** The company's IANA zone. */
  readonly zone: string
}

/** Stands a cadence still, or lets it go on; what that does is said first. */
export const PausePage: FC<PausePageProps> = ({ view, cadence, paused, leads, zone }) => (
  <Page title={`Pause ${cadence.title}`} view={view} at="cadences">
    <hgroup>
      <h1>{cadence.title}</h1>
      <p>
        {leads === 1 ? 'One lead is' : `${leads} leads are`} in it. <a href="/cadences">Back</a>
      </p>
    </hgroup>
    {paused === null ? (
      <PostForm view={view} action={`/cadences/${cadence.name}/pause`}>
        <p>
          From the moment you press the button nothing of this cadence leaves, and its leads’ clocks
          stand. You choose what becomes of the time when you let it go on.
        </p>
        <label>
          Why
          <input name="because" maxlength={500} autocomplete="off" />
        </label>
        <button type="submit" class="stop">
          Pause it now
        </button>
      </PostForm>
    ) : (
      <article class="alert">
        <header>
          <strong>Paused</strong>: {paused.pause.because}
        </header>
        <p class="quiet">
          Since <Moment at={instant(Date.parse(paused.pause.since))} zone={zone} />, by{' '}
          {paused.pause.by}
        </p>
        <PostForm view={view} action={`/cadences/${cadence.name}/resume`}>
          <ResumeChoice preview={paused.preview} />
          <button type="submit">Let it go on</button>
        </PostForm>
      </article>
    )}
  </Page>
)
