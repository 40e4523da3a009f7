import type { FC } from 'hono/jsx'
import type { Explanation } from '../../leads/views/explain.ts'
import type { LeadView } from '../../leads/views/view.ts'
import { PostForm } from '../parts.tsx'
import type { View } from '../view.ts'

interface WriteBoxProps {
  readonly view: View
  readonly leadId: string
  readonly shown: LeadView
  readonly channels: Explanation['channels']
}

/** A person writes to the lead, by the channels on which it can be reached. */
export const WriteBox: FC<WriteBoxProps> = ({ view, leadId, shown, channels }) => {
  const kinds = shown.contactPoints.filter(({ current }) => current).map(({ kind }) => kind)
  const [hasEmail, hasPhone] = [kinds.includes('email'), kinds.includes('phone')]
  if (!hasEmail && !hasPhone) return null
  return (
    <article>
      <header>
        <h2>Write to the lead</h2>
      </header>
      <PostForm view={view} action={`/leads/${leadId}/messages`}>
        <fieldset class="inline">
          {hasEmail && <Way channel="email" checked words={closed(channels.email)} />}
          {hasPhone && <Way channel="sms" checked={!hasEmail} words={closed(channels.sms)} />}
        </fieldset>
        {hasEmail && (
          <input
            name="subject"
            maxlength={300}
            placeholder="Subject of an email; empty: Re: the last one"
            aria-label="Subject"
          />
        )}
        <textarea name="text" rows={4} required maxlength={50_000} aria-label="What you write" />
        <button type="submit" class="small">
          Send
        </button>
        <p class="quiet">It leaves at an hour that the law allows, never after a stop.</p>
      </PostForm>
    </article>
  )
}

interface WayProps {
  readonly channel: 'email' | 'sms'
  readonly checked: boolean
  readonly words: string | null
}

const Way: FC<WayProps> = ({ channel, checked, words }) => (
  <label>
    <input type="radio" name="channel" value={channel} checked={checked} />
    <span class={`channel ${channel}`}>{channel === 'sms' ? 'text' : 'email'}</span>
    {words !== null && <span class="late"> {words}</span>}
  </label>
)

/** What stands in the way of planned messages for good; a conversation may still be allowed. */
function closed({
  allowed,
  nextAllowedAt,
  words,
}: Explanation['channels']['email']): string | null {
  return allowed || nextAllowedAt !== null ? null : words
}
