import type { FC } from 'hono/jsx'
import { z } from 'zod'
import { INTENTS } from '../../domain/replies/types.ts'
import { PostForm, plain } from '../parts.tsx'
import type { View } from '../view.ts'

const verdictSchema = z.object({
  intent: z.string(),
  detail: z.string().nullable(),
  confidence: z.number(),
  rule: z.string(),
  rulesVersion: z.string(),
  by: z.string(),
  did: z.string(),
  until: z.string().nullable(),
  undoneAt: z.string().nullable(),
  undoneBy: z.string().nullable(),
})
type Verdict = z.output<typeof verdictSchema>

interface ReplyVerdictsProps {
  readonly view: View
  readonly leadId: string
  /** What the timeline tells of the answer. */
  readonly details: Readonly<Record<string, unknown>>
}

/** How an answer was understood, and the ways to say that it meant something else. */
export const ReplyVerdicts: FC<ReplyVerdictsProps> = ({ view, leadId, details }) => {
  const verdicts = z.array(verdictSchema).safeParse(details.verdicts)
  if (!verdicts.success || verdicts.data.length === 0) return null
  const standing = verdicts.data.find(({ undoneAt }) => undoneAt === null)
  return (
    <>
      {verdicts.data.map((verdict) => (
        <p class="because">
          <VerdictWords {...verdict} />
        </p>
      ))}
      {standing !== undefined && typeof details.id === 'string' && (
        <Correct
          view={view}
          at={`/leads/${leadId}/replies/${encodeURIComponent(details.id)}`}
          standing={standing}
        />
      )}
    </>
  )
}

const VerdictWords: FC<Verdict> = (verdict) => {
  const { intent, detail, by, confidence, rule, rulesVersion, did, until, undoneAt } = verdict
  const sure =
    by === 'rules' ? `${Math.round(confidence * 100)} % sure, by the rule ${rule}` : `by ${by}`
  const words = (
    <>
      understood as <strong>{plain(intent)}</strong>
      {detail !== null && ` (${detail})`}: {did}
      {until !== null && `, until ${until.slice(0, 10)}`}{' '}
      <span title={`rules ${rulesVersion}`}>· {sure}</span>
    </>
  )
  if (undoneAt === null) return words
  return (
    <>
      <del>{words}</del> taken back by {verdict.undoneBy}
    </>
  )
}

const Correct: FC<{ view: View; at: string; standing: Verdict }> = ({ view, at, standing }) => (
  <details name="correct">
    <summary>It meant something else</summary>
    <PostForm view={view} action={`${at}/correct`}>
      <label>
        It meant
        <select name="intent" required>
          {INTENTS.filter((intent) => intent !== standing.intent).map((intent) => (
            <option value={intent}>{plain(intent)}</option>
          ))}
        </select>
      </label>
      <label>
        Which competitor, what was wanted, which day (2027-03-31), which channels
        <input name="detail" maxlength={500} autocomplete="off" />
      </label>
      <label>
        Why
        <input name="because" maxlength={500} autocomplete="off" />
      </label>
      <button type="submit" class="small">
        Correct it
      </button>
      <button type="submit" class="small outline" formaction={`${at}/undo`} formnovalidate>
        Only undo it
      </button>
    </PostForm>
  </details>
)
