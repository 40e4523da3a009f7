import type { FC } from 'hono/jsx'
import type { RuleVerdict } from '../domain/policy/index.ts'
import { plain } from './parts.tsx'
import { safeUrl } from './security.ts'

interface VerdictsProps {
  readonly rules: readonly RuleVerdict[]
}

const MARKS = { allow: 'allows', deny: 'stands in the way', not_applicable: 'does not apply' }

/** A decision, rule by rule: what each says, from what, and by which law. */
export const Verdicts: FC<VerdictsProps> = ({ rules }) => (
  <ul>
    {rules.map(({ rule, verdict, because, fix, inputs, source }) => (
      <li class={verdict}>
        <strong>{plain(rule)}</strong> <span class="hidden">{MARKS[verdict]}</span> {because}
        {fix !== undefined && <div class="fix">{fix}</div>}
        <div class="inputs">{inputWords(inputs)}</div>
        <Source source={source} />
      </li>
    ))}
  </ul>
)

/** The statute or the page that a rule rests on. */
const Source: FC<{ source: string | null }> = ({ source }) => {
  if (source === null) return null
  const href = /^https?:/.test(source) ? safeUrl(source) : null
  return (
    <div class="inputs">
      {href === null ? (
        source
      ) : (
        <a href={href} target="_blank" rel="noreferrer">
          source
        </a>
      )}
    </div>
  )
}

function inputWords(inputs: RuleVerdict['inputs']): string {
  return Object.entries(inputs)
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value ?? '')])
    .filter(([, value]) => value !== '')
    .map(([name = '', value = '']) => `${spaced(name)}: ${plain(value)}`)
    .join(' · ')
}

/** "closing margin minutes" for closingMarginMinutes. */
function spaced(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
