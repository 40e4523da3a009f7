import { toIso } from '../../domain/time.ts'
import type { Story } from './read-story.ts'

/** A story for scripts: instants are ISO 8601. */
export function storyJson({ leadId, zone, events, next }: Story) {
  return {
    leadId,
    zone,
    events: events.map(({ at, ...event }) => ({ at: toIso(at), ...event })),
    next,
  }
}
