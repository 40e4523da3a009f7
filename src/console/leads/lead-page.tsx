import type { FC } from 'hono/jsx'
import type { Step } from '../../domain/cadence/types.ts'
import { leadWorkflowId } from '../../domain/contract.ts'
import { CHANNELS, type Channel } from '../../domain/policy/index.ts'
import { HOUR_MS, type Instant, instant } from '../../domain/time.ts'
import type { ResumePreview } from '../../leads/stops/resume-preview.ts'
import type { Explanation } from '../../leads/views/explain.ts'
import type { ScoreView } from '../../leads/views/score.ts'
import type { TimelineEntry } from '../../leads/views/timeline/entry.ts'
import type { LeadView } from '../../leads/views/view.ts'
import type { LeadRow } from '../../store/leads.ts'
import { isCall, TaskButtons } from '../daily/tasks-page.tsx'
import { Page } from '../layout.tsx'
import { dateWords, Moment, PostForm, plain, StatusBadge, spanWords } from '../parts.tsx'
import { nameOf, type openTasksOf } from '../reads.ts'
import { safeUrl } from '../security.ts'
import type { View } from '../view.ts'
import { Actions } from './actions.tsx'
import { Queue } from './queue-part.tsx'
import { Story, toldOf } from './story.tsx'
import { Verdicts } from './verdicts.tsx'
import { WriteBox } from './write-box.tsx'

export interface LeadPageProps {
  readonly view: View
  readonly lead: LeadRow
  readonly shown: LeadView
  readonly explanation: Explanation
  readonly entries: readonly TimelineEntry[]
  /** What resuming would do; null for a lead that is not held by itself. */
  readonly resume: ResumePreview | null
  readonly tasks: Awaited<ReturnType<typeof openTasksOf>>
  readonly steps: readonly Step[]
  readonly cadences: readonly { readonly name: string; readonly title: string }[]
  /** The lead's own clock, and how far it is ahead of real time. */
  readonly clock: { readonly now: Instant; readonly aheadMs: number }
  readonly namespace: string
  /** Time can be let pass for it. */
  readonly canTravel: boolean
}

/** One lead: what comes next and why, everything that happened, and what one may do. */
export const LeadPage: FC<LeadPageProps> = (props) => {
  const { view, lead, shown, explanation, entries, tasks } = props
  const { zone } = explanation.where
  const held = shown.status === 'held'
  return (
    <Page title={nameOf(lead)} view={view} at="leads">
      <div class="lead-head">
        <h1>{nameOf(lead)}</h1>
        <StatusBadge status={lead.status} reason={lead.dead_reason} held={held} />
        <span class="quiet">
          From {lead.source}
          {lead.company !== null && ` · ${lead.company}`}
          {` · ${lead.owner === null ? 'no owner' : `owner ${lead.owner}`}`}
          {' · known since '}
          <Moment at={lead.created_at} zone={zone} show="date" />
        </span>
      </div>
      <div class="columns">
        <div>
          <Next {...props} />
          <h2>The story</h2>
          <Story view={view} leadId={lead.id} entries={entries} zone={zone} />
        </div>
        <aside>
          {tasks.length > 0 && (
            <article>
              <header>
                <h2>To do</h2>
              </header>
              {tasks.map((task) => (
                <p>
                  <span class="channel task">{plain(task.kind)}</span> {task.title}{' '}
                  <TaskButtons view={view} task={task} back={`/leads/${lead.id}`} />
                  <span class="quiet">
                    {task.because}
                    {task.due_at !== null && (
                      <>
                        , due <Moment at={task.due_at} zone={zone} />
                      </>
                    )}
                  </span>
                </p>
              ))}
              {tasks.some(isCall) && <ChannelVerdict channel="call" {...explanation.call} />}
            </article>
          )}
          <WriteBox view={view} leadId={lead.id} shown={shown} channels={explanation.channels} />
          <Actions
            view={view}
            lead={lead}
            held={held}
            resume={props.resume}
            steps={props.steps}
            cadences={props.cadences}
            zone={zone}
          />
          <Facts {...props} />
        </aside>
      </div>
    </Page>
  )
}

const Next: FC<LeadPageProps> = ({ view, lead, shown, explanation, entries, clock, canTravel }) => (
  <article class="next">
    <header>
      <h2>What comes next, and why</h2>
    </header>
    <p class="what">{explanation.summary}</p>
    {lead.next_words !== null && explanation.unprocessed === 0 && (
      <p class="quiet">The plan: {lead.next_words}</p>
    )}
    <Latest entry={toldOf(entries).at(-1)} zone={explanation.where.zone} />
    {explanation.unprocessed > 0 && (
      <p class="quiet">
        Something has just happened and is being looked at. Load the page again in a moment.
      </p>
    )}
    {shown.holds.map(({ kind, because, until }) => (
      <p>
        <span class="badge held">{plain(kind)}</span> {because}
        {until !== null && (
          <>
            , until <Moment at={instant(Date.parse(until))} zone={explanation.where.zone} />
          </>
        )}
      </p>
    ))}
    <Queue view={view} lead={lead} queue={shown.queue} zone={explanation.where.zone} />
    {CHANNELS.map((channel) => (
      <ChannelVerdict channel={channel} {...explanation.channels[channel]} />
    ))}
    {canTravel && <Travel view={view} lead={lead} clock={clock} explanation={explanation} />}
  </article>
)

/** The last thing that happened, so that nobody has to look for it below. */
const Latest: FC<{ entry: TimelineEntry | undefined; zone: string }> = ({ entry, zone }) =>
  entry === undefined ? null : (
    <p class="quiet">
      Last: <a href="#latest">{entry.title}</a>,{' '}
      <Moment at={instant(Date.parse(entry.at))} zone={zone} />
    </p>
  )

type ChannelVerdictProps = Explanation['call'] & { readonly channel: Channel | 'call' }

const ChannelVerdict: FC<ChannelVerdictProps> = ({
  channel,
  allowed,
  nextAllowedAt,
  words,
  rules,
}) => (
  <details class="verdict">
    <summary>
      <span class={`channel ${channel}`}>{channel}</span>{' '}
      <span class={allowed ? 'yes' : 'no'}>
        {allowed ? 'allowed now' : nextAllowedAt === null ? 'not allowed' : 'not now'}
      </span>
      : {words}
    </summary>
    <Verdicts rules={rules} />
  </details>
)

/** Ahead by less than this is the time that a call takes. */
const AHEAD_FROM_MS = HOUR_MS

const Travel: FC<Pick<LeadPageProps, 'view' | 'lead' | 'clock' | 'explanation'>> = (props) => {
  const { view, lead, clock, explanation } = props
  const at = `/leads/${lead.id}/fast-forward`
  return (
    <div class="travel">
      {lead.next_at !== null && (
        <PostForm view={view} action={at}>
          <button type="submit" class="small" name="by" value="next-touch">
            Next touch
          </button>
        </PostForm>
      )}
      <PostForm view={view} action={at}>
        <input
          type="number"
          name="days"
          min="1"
          max="800"
          value="1"
          class="small"
          aria-label="Days"
        />
        <button type="submit" class="small outline">
          + days
        </button>
      </PostForm>
      <span class="quiet">
        {clock.aheadMs >= AHEAD_FROM_MS
          ? `For this lead it is ${dateWords(clock.now, explanation.where.zone)}: ${spanWords(clock.aheadMs)} ahead.`
          : 'Lets time pass for this lead alone.'}
      </span>
    </div>
  )
}

const Facts: FC<LeadPageProps> = ({ view, lead, shown, explanation, namespace }) => {
  const workflow = workflowUrl(view.temporalUrl, namespace, lead)
  return (
    <article>
      <header>
        <h2>What we know</h2>
      </header>
      <dl class="facts">
        {shown.contactPoints
          .filter(({ current }) => current)
          .map(({ kind, value, validity, because, line }) => (
            <>
              <dt>{kind}</dt>
              <dd>
                {value}
                {(validity === 'invalid' || validity === 'not_capable') && (
                  <div class="late">{because ?? plain(validity)}</div>
                )}
                {line && <div class={line.takesTexts ? 'quiet' : 'late'}>{line.words}</div>}
              </dd>
            </>
          ))}
        <Fact name="external id" value={lead.external_id} />
        <Fact name="state" value={lead.state} />
        <Fact name="ZIP" value={lead.zip} />
        <Fact name="time zone" value={explanation.where.zone} />
        <Fact name="language" value={shown.language} />
        <Fact name="cost" value={shown.cost && `${shown.cost.amount} ${shown.cost.currency}`} />
        <Fact name="tags" value={shown.tags.join(', ') || null} />
        {Object.entries(shown.attributes).map(([name, value]) => (
          <Fact name={name} value={typeof value === 'string' ? value : JSON.stringify(value)} />
        ))}
        <Fact name="score" value={scoreWords(explanation.score)} />
        <Fact name="cadence" value={shown.cadence?.name ?? null} />
        <DeadFacts shown={shown} />
      </dl>
      {explanation.where.warnings.map((warning) => (
        <p class="late">{warning}</p>
      ))}
      <p class="quiet evidence">{explanation.where.evidence.join(' · ')}</p>
      <p class="quiet">{explanation.where.textHours.words}</p>
      <p>
        <a href={`/leads/${lead.id}/evidence`} target="_blank" rel="noreferrer">
          Evidence for a dispute, to print ↗
        </a>{' '}
        · <a href={`/leads/${lead.id}/evidence.json`}>as JSON</a>
      </p>
      {workflow !== null && (
        <a href={workflow} target="_blank" rel="noreferrer">
          Its workflow in Temporal ↗
        </a>
      )}
    </article>
  )
}

const Fact: FC<{ name: string; value: string | null }> = ({ name, value }) =>
  value === null ? null : (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  )

/** "35: 2 clicks +10, fit: pro plan +25". */
function scoreWords({ points, parts }: ScoreView): string {
  const told = parts.map((part) => `${part.because} ${part.points > 0 ? '+' : ''}${part.points}`)
  return parts.length === 0 ? String(points) : `${points}: ${told.join(', ')}`
}

/** What was recorded beside the dead reason. */
const DeadFacts: FC<{ shown: LeadView }> = ({ shown: { dead } }) => {
  if (dead === null) return null
  const details = typeof dead.details === 'object' && dead.details !== null ? dead.details : {}
  return (
    <>
      <Fact name="dead since" value={dead.since?.slice(0, 10) ?? null} />
      <Fact name="check-in" value={dead.checkInAt?.slice(0, 10) ?? null} />
      {Object.entries(details)
        .filter(([name, value]) => name !== 'reason' && value !== null)
        .map(([name, value]) => (
          <Fact name={name} value={detailWords(value)} />
        ))}
    </>
  )
}

function detailWords(value: unknown): string {
  if (Array.isArray(value)) return String(value.length)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function workflowUrl(uiUrl: string | null, namespace: string, lead: LeadRow): string | null {
  if (uiUrl === null) return null
  const id = encodeURIComponent(leadWorkflowId(lead.id))
  return safeUrl(`${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${id}`)
}
