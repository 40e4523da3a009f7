import type { Child, FC } from 'hono/jsx'
import type { Step } from '../../domain/cadence/types.ts'
import { describeStep } from '../../domain/cadence/words/step-words.ts'
import { answer, phaseOf } from '../../domain/lifecycle.ts'
import type { ActionKind } from '../../domain/signals.ts'
import type { ResumePreview } from '../../leads/stops/resume-preview.ts'
import type { LeadRow } from '../../store/leads.ts'
import { PostForm, placeWords } from '../parts.tsx'
import { ResumeChoice } from '../resume-choice.tsx'
import type { View } from '../view.ts'
import { Death } from './death.tsx'

interface ActionsProps {
  readonly view: View
  readonly lead: LeadRow
  readonly held: boolean
  /** What resuming would do; null for a lead that is not held by itself. */
  readonly resume: ResumePreview | null
  /** Steps that it can be moved to. */
  readonly steps: readonly Step[]
  readonly cadences: readonly { readonly name: string; readonly title: string }[]
  /** The lead's zone, in which dates are asked for. */
  readonly zone: string
}

/** What an operator may do to the lead as it is now; what it would refuse is not offered. */
export const Actions: FC<ActionsProps> = (props) => {
  const { view, lead, held, resume, steps, cadences, zone } = props
  if (lead.status === 'erased') return null
  const at = `/leads/${lead.id}/act`
  const may = (kind: ActionKind) => isOffered(lead, kind)
  const stands = steps.length > 0
  const dead = lead.status === 'dead'
  return (
    <article class="actions">
      <header>
        <h2>Actions</h2>
      </header>
      <div class="row">
        {stands && may('send_now') && (
          <Quick
            view={view}
            at={at}
            kind="send_now"
            label="Send now"
            hint="The next message leaves as soon as the law allows"
          />
        )}
        {stands && may('skip') && (
          <Quick
            view={view}
            at={at}
            kind="skip"
            label="Skip"
            hint="Leaves out the step it stands on"
          />
        )}
        {may('convert') && <Quick view={view} at={at} kind="convert" label="Converted" />}
      </div>
      {resume !== null && may('resume') && (
        <Act view={view} at={at} kind="resume" title="Resume" button="Resume">
          <ResumeChoice preview={resume} />
        </Act>
      )}
      {!held && may('pause') && (
        <Act view={view} at={at} kind="pause" title="Pause" button="Pause">
          <Text name="because" label="Why" />
        </Act>
      )}
      {may('hold') && (
        <Act view={view} at={at} kind="hold" title="Hold until …" button="Hold">
          <When zone={zone} required />
          <Text name="because" label="Why" />
        </Act>
      )}
      {stands && may('jump') && (
        <Act view={view} at={at} kind="jump" title="Jump to a step" button="Jump">
          <label>
            Step
            <select name="step" required>
              {steps.map((step) => (
                <option value={step.id}>
                  {step.id}: {describeStep(step)}
                </option>
              ))}
            </select>
          </label>
        </Act>
      )}
      {dead && may('revive') && (
        <Act view={view} at={at} kind="revive" title="Revive" button="Revive">
          <Cadences cadences={cadences} none="the one for its dead reason" />
        </Act>
      )}
      {!dead && may('enroll') && lead.status === 'nurturing' && (
        <Act view={view} at={at} kind="enroll" title="Enroll in a cadence" button="Enroll">
          <Cadences cadences={cadences} />
          <label>
            <input type="checkbox" name="replace" value="yes" /> whatever the priorities say
          </label>
        </Act>
      )}
      {may('mark_dead') && (
        <Act view={view} at={at} kind="mark_dead" title="Mark dead" button="Mark dead" danger>
          <Death required />
        </Act>
      )}
      <Act view={view} at={at} kind="disposition" title="What sales says" button="Record">
        <label>
          Outcome
          <select name="outcome" required class="outcome">
            <option value="interested">Interested: a person goes on</option>
            <option value="later">Later: on a date</option>
            <option value="converted">Converted</option>
            <option value="dead">Dead</option>
            <option value="bad_lead">A bad lead</option>
          </select>
        </label>
        <div class="if-later">
          <When zone={zone} />
        </div>
        <div class="if-dead">
          <Death />
        </div>
        <Text name="note" label="Note" />
      </Act>
      <Act view={view} at={at} kind="erase" title="Erase the person" button="Erase for ever" danger>
        <p class="quiet">
          Everything personal goes, for ever. A keyed hash stays, so that they are never written to
          again.
        </p>
        <label>
          Type “erase” to confirm
          <input name="confirm" required pattern="[Ee][Rr][Aa][Ss][Ee]" autocomplete="off" />
        </label>
      </Act>
    </article>
  )
}

function isOffered(lead: LeadRow, kind: ActionKind): boolean {
  const says = answer(phaseOf(lead.status, lead.dead_reason), kind)
  return says.do !== 'refuse' && says.do !== 'ignore'
}

interface QuickProps {
  readonly view: View
  readonly at: string
  readonly kind: ActionKind
  readonly label: string
  readonly hint?: string
}

const Quick: FC<QuickProps> = ({ view, at, kind, label, hint }) => (
  <PostForm view={view} action={at}>
    <input type="hidden" name="kind" value={kind} />
    <button type="submit" class="small outline" {...(hint !== undefined && { title: hint })}>
      {label}
    </button>
  </PostForm>
)

interface ActProps {
  readonly view: View
  readonly at: string
  readonly kind: ActionKind | 'disposition'
  readonly title: string
  readonly button: string
  readonly danger?: boolean
  readonly children?: Child
}

const Act: FC<ActProps> = ({ view, at, kind, title, button, danger = false, children }) => (
  <details name="action">
    <summary>{title}</summary>
    <PostForm view={view} action={at}>
      <input type="hidden" name="kind" value={kind} />
      {children}
      <button type="submit" class={danger ? 'small outline danger' : 'small'}>
        {button}
      </button>
    </PostForm>
  </details>
)

const Text: FC<{ name: string; label: string }> = ({ name, label }) => (
  <label>
    {label}
    <input name={name} maxlength={500} autocomplete="off" />
  </label>
)

const When: FC<{ zone: string; required?: boolean }> = ({ zone, required = false }) => (
  <label>
    Until ({placeWords(zone)} time)
    <input type="datetime-local" name="until" required={required} />
  </label>
)

interface CadencesProps {
  readonly cadences: ActionsProps['cadences']
  /** What no choice stands for; absent: one must be chosen. */
  readonly none?: string
}

const Cadences: FC<CadencesProps> = ({ cadences, none }) => (
  <label>
    Cadence
    <select name="cadence" required={none === undefined}>
      {none !== undefined && <option value="">{none}</option>}
      {cadences.map(({ name, title }) => (
        <option value={name}>{title}</option>
      ))}
    </select>
  </label>
)
