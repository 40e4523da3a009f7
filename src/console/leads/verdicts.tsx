import type { FC } from 'hono/jsx'
import { type RuleVerdict, ruleWords } from '../../domain/policy/index.ts'
import { plain } from '../parts.tsx'
import { safeUrl } from '../security.ts'

interface VerdictsProps {
  readonly rules: readonly RuleVerdict[]
}

/** A decision, rule by rule: what each says, from what, and by which law. */
export const Verdicts: FC<VerdictsProps> = ({ rules }) => (
  <ul>
    {rules.map((verdict) => (
      <RuleSays {...verdict} />
    ))}
  </ul>
)

const RuleSays: FC<RuleVerdict> = ({ rule, verdict, because, fix, inputs, source }) => {
  const words = ruleWords({ rule, verdict })
  return (
    <li class={verdict}>
      <strong>{words.rule}</strong> <span class="hidden">{words.verdict}</span> {because}
      {fix !== undefined && <div class="fix">{fix}</div>}
      <div class="inputs">{inputWords(inputs)}</div>
      <Source source={source} />
    </li>
  )
}

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
