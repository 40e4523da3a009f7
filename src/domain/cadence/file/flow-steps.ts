import type { Awaited, BranchStep, FlowStep, LeadUpdate } from '../flow-types.ts'
import type { CadenceEnd, StepDelay } from '../types.ts'
import type { FlowContent } from './flow-schemas.ts'
import type { WrittenEnd } from './schema-parts.ts'

const AT_ONCE: StepDelay = { kind: 'exactly', ms: 0 }

/** A step that writes to nobody, from what its file says. */
export function toFlowStep(content: FlowContent): FlowStep {
  switch (content.key) {
    case 'wait': {
      const { id, wait, until } = content.data
      const hours = until && { weekdays: until.weekday ?? [], slots: until.at ?? [] }
      return { kind: 'wait', id, after: wait, until: hours ?? null }
    }
    case 'wait-for': {
      const { id, timeout, then: whenItCame = null, else: whenNot = null } = content.data
      const awaited = toAwaited(content.data['wait-for'])
      const base = { kind: 'wait-for', id, after: AT_ONCE } as const
      return { ...base, awaited, timeoutMs: timeout, whenItCame, whenNot }
    }
    case 'branch': {
      const { id, after, branch } = content.data
      const arms: BranchStep['arms'] = branch.flatMap(({ when, goto }) =>
        when === undefined ? [] : [{ when, goto }],
      )
      const otherwise = branch.find((arm) => arm.else)?.goto ?? null
      return { kind: 'branch', id, after, arms, otherwise }
    }
    case 'split': {
      const { id, after, split } = content.data
      return { kind: 'split', id, after, arms: split }
    }
    case 'webhook': {
      const { id, after, webhook } = content.data
      return { kind: 'webhook', id, after, to: webhook.to }
    }
    case 'update': {
      const { id, after, update } = content.data
      return { kind: 'update', id, after, update: toUpdate(update) }
    }
    case 'goto': {
      const { id, after, goto } = content.data
      return { kind: 'goto', id, after, to: goto, atMost: content.data['at-most'] ?? null }
    }
    case 'end': {
      const { id, after, end } = content.data
      return { kind: 'end', id, after, end: toEnd(end) }
    }
  }
}

/** The outcome that an `end` names. */
export function toEnd(end: WrittenEnd): CadenceEnd {
  if (end === 'back-to-dead') return { outcome: 'back_to_dead' }
  if (end === 'hand-off') return { outcome: 'handed_over', title: 'Take the lead over' }
  if ('dead' in end) return { outcome: 'dead', reason: end.dead }
  return { outcome: 'handed_over', title: end['hand-off'] }
}

type Written<Key extends FlowContent['key']> = Extract<FlowContent, { key: Key }>['data']

function toAwaited({ signal, name, when }: Written<'wait-for'>['wait-for']): Awaited {
  if (when !== undefined) return { kind: 'condition', when }
  return { kind: 'signal', signals: signal ?? [], name: name ?? null }
}

function toUpdate({ attributes, score, owner, tags }: Written<'update'>['update']): LeadUpdate {
  return {
    attributes: attributes ?? {},
    score: score ?? 0,
    ...(owner === undefined ? {} : { owner }),
    addTags: tags?.add ?? [],
    removeTags: tags?.remove ?? [],
  }
}
