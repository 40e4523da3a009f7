import type { FC } from 'hono/jsx'
import type { Cadence, Step, StepDelay } from '../../domain/cadence/types.ts'
import { DEFAULT_END_AFTER_MS } from '../../domain/cadence/types.ts'
import { timingWords } from '../../domain/cadence/words/change-words.ts'
import { ruleSentences } from '../../domain/cadence/words/header-words.ts'
import { describeFlowStep, endWords } from '../../domain/cadence/words/step-words.ts'
import type { FolderState } from '../../local/company-folder.ts'
import { Page } from '../layout.tsx'
import { Moment, Nothing, plain, spanWords } from '../parts.tsx'
import type { PublishedCadence } from '../reads.ts'
import type { View } from '../view.ts'
import { Drafts } from './drafts.tsx'

interface CadencesProps {
  readonly view: View
  readonly cadences: readonly PublishedCadence[]
  /** The names of those that stand still. */
  readonly paused: ReadonlySet<string>
  /** The company's folder as it is now; null where there is none. */
  readonly folder: FolderState | null
  /** The company's IANA zone. */
  readonly zone: string
}

/** The published cadences, each step in words. */
export const CadencesPage: FC<CadencesProps> = ({ view, cadences, paused, folder, zone }) => (
  <Page title="Cadences" view={view} at="cadences">
    <hgroup>
      <h1>Cadences</h1>
      <p>
        What is published now. <a href="/cadences/results">Results</a> by version and step.
      </p>
    </hgroup>
    {folder !== null && <Drafts view={view} state={folder} />}
    {cadences.length === 0 && (
      <Nothing>
        Nothing is published. <code>rekindle cadence publish FILE</code> publishes one.
      </Nothing>
    )}
    {cadences.map((published) => (
      <article id={published.cadence.name} class="cadence">
        <header>
          <h2>{published.cadence.title}</h2>
          <p class="quiet">
            <code>{published.cadence.name}</code> · version {published.version}, published{' '}
            <Moment at={published.publishedAt} zone={zone} /> by {published.publishedBy} ·{' '}
            {published.leads === 1 ? '1 lead is' : `${published.leads} leads are`} in it ·{' '}
            <a href={`/cadences/${published.cadence.name}/versions`}>versions</a>
          </p>
          <p class="quiet">
            {paused.has(published.cadence.name) && <span class="badge held">paused</span>}{' '}
            <a href={`/cadences/${published.cadence.name}/pause`}>
              {paused.has(published.cadence.name) ? 'Let it go on …' : 'Pause …'}
            </a>
          </p>
          {published.cadence.description !== null && <p>{published.cadence.description}</p>}
        </header>
        <ol class="steps">
          {published.cadence.steps.map((step) => (
            <StepLine step={step} />
          ))}
          <li class="end">
            <span class="when">{endDelay(published.cadence)}</span>
            <span class="what">Without an answer: {endWords(published.cadence.end)}</span>
          </li>
        </ol>
        <footer class="quiet">
          {[mannersOf(published.cadence), ...ruleSentences(published.cadence)].join(' ')}
        </footer>
      </article>
    ))}
  </Page>
)

const StepLine: FC<{ step: Step }> = ({ step }) => (
  <li id={step.id}>
    <span class="when">{step.kind === 'wait-for' ? '' : delayWords(step.after)}</span>
    <span class="what">
      <StepWords step={step} /> <code class="quiet">{step.id}</code>
    </span>
  </li>
)

const StepWords: FC<{ step: Step }> = ({ step }) => {
  switch (step.kind) {
    case 'task':
      return (
        <>
          <span class="channel task">{step.task}</span> {step.title}{' '}
          <small class="quiet">
            for {step.assignee ?? 'a person'}, within {spanWords(step.dueInMs)}
          </small>
        </>
      )
    case 'message':
      return (
        <>
          <span class={`channel ${step.channel}`}>{step.channel}</span> {step.template}{' '}
          <small class="quiet">
            {timingWords(step.timing)}
            {step.hours === 'any' && ', at any hour the law allows'}
            {step.staleAfterMs !== null && `; dropped when ${spanWords(step.staleAfterMs)} late`}
          </small>
        </>
      )
    default:
      return (
        <>
          <span class="channel flow">{step.kind.replace('-', ' ')}</span> {describeFlowStep(step)}
        </>
      )
  }
}

function delayWords(after: StepDelay): string {
  if (after.kind === 'exactly') return after.ms === 0 ? 'at once' : `${spanWords(after.ms)} later`
  const [from, to] = [spanWords(after.minMs), spanWords(after.maxMs)]
  const [count = '', unit = ''] = from.split(' ')
  const sameUnit = to.includes(unit.replace(/s$/, ''))
  return `${sameUnit ? count : from} to ${to} later`
}

function endDelay({ endAfterMs }: Cadence): string {
  return `${spanWords(endAfterMs ?? DEFAULT_END_AFTER_MS)} later`
}

function mannersOf({ preferredHours, purpose, priority }: Cadence): string {
  const hours =
    preferredHours === null
      ? "in the company's preferred hours"
      : `between ${preferredHours.from} and ${preferredHours.to} where the lead is`
  return `For ${plain(purpose)}. Messages leave ${hours}. Priority ${priority}.`
}
