import { areaCodesFile, jurisdictionsFile } from './data.ts'
import type { Location } from './locate.ts'
import { CHANNELS, type Channel, type EmergencyStop, type MessageClass } from './types.ts'

const { states } = jurisdictionsFile

/** Two-letter code of a state, the District or a territory, as stops are keyed by. */
export function isStateCode(code: string): boolean {
  return Object.hasOwn(states, code)
}

/** Every state, the District and the territories, by name. */
export const STATE_NAMES: readonly { readonly code: string; readonly name: string }[] =
  Object.entries(states)
    .map(([code, { name }]) => ({ code, name }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))

/** What would name a state: its code and name in capitals, and its area codes. */
export function stateEvidence(code: string): {
  readonly names: readonly string[]
  readonly areaCodes: readonly string[]
} {
  const name = states[code]?.name.toUpperCase()
  const areaCodes = Object.entries(areaCodesFile.unitedStates)
    .filter(([, { state }]) => state === code)
    .map(([areaCode]) => areaCode)
  return { names: name === undefined ? [code] : [code, name], areaCodes }
}

/** Who is asked about: where the lead may be, and the cadence it is in. */
interface Concerned {
  readonly cadence: string | null
  readonly location: Pick<Location, 'states'>
}

/**
 * The channels on which a stop keeps a lead's planned messages: none when it does not concern the
 * lead. A lead whose state nobody knows may be in the state that is stopped: it gets no text, and
 * may get an email, which no state's emergency law knows.
 */
export function channelsStopped(
  { scope, key }: Pick<EmergencyStop, 'scope' | 'key'>,
  { cadence, location }: Concerned,
): readonly Channel[] {
  switch (scope) {
    case 'global':
      return CHANNELS
    case 'cadence':
      return cadence === key ? CHANNELS : []
    case 'channel':
      return CHANNELS.filter((channel) => channel === key)
    case 'state':
      if (location.states.length === 0) return ['sms']
      return location.states.some((state) => state === key) ? CHANNELS : []
  }
}

/**
 * Whether a stop keeps a message from leaving. A global stop and a channel's keep everything: what
 * is wrong may be the messages themselves. A state's spares what a person answers and what the law
 * asks for; a cadence's keeps what that cadence plans.
 */
export function stops(
  stop: EmergencyStop,
  about: Concerned,
  channel: Channel,
  messageClass: MessageClass,
): boolean {
  if (!channelsStopped(stop, about).includes(channel)) return false
  switch (stop.scope) {
    case 'global':
    case 'channel':
      return true
    case 'state':
      return messageClass === 'marketing' || messageClass === 'transactional'
    case 'cadence':
      return messageClass === 'marketing'
  }
}

/** "everything", "texts", "the cadence new-lead", "leads in Louisiana". */
export function stopWords({ scope, key }: Pick<EmergencyStop, 'scope' | 'key'>): string {
  switch (scope) {
    case 'global':
      return 'everything'
    case 'cadence':
      return `the cadence ${key}`
    case 'channel':
      return key === 'sms' ? 'texts' : 'emails'
    case 'state':
      return `leads in ${states[key ?? '']?.name ?? key}`
  }
}
