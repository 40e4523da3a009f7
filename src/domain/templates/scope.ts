import {
  NOTHING_TO_PRINT,
  type RenderSession,
  readLiquidError,
  type UsedVariable,
  withoutMarks,
} from './liquid.ts'
import type { TemplateContext, TemplateSource } from './types.ts'

export interface Rendering {
  readonly source: TemplateSource
  readonly session: RenderSession
}

/**
 * The variables of a text: every known one is there, so that only unknown ones fail, and those of
 * the company's own that `used` asks for. Computed fields are rendered here, in their order.
 */
export function scopeOf(
  { lead, company, owner, dead, links }: TemplateContext,
  used: readonly UsedVariable[],
  { source, session }: Rendering,
): object {
  const { attributes, ...person } = lead
  const asked = used.flatMap(({ path: [root, name, attribute] }) =>
    root === 'lead' && name === 'attributes' && typeof attribute === 'string' ? [attribute] : [],
  )
  const entries = asked.map((name) => [
    name,
    Object.hasOwn(attributes, name) ? (attributes[name] ?? null) : null,
  ])
  const asksWhy = used.some(({ path: [root, name] }) => root === 'links' && name === 'why')
  const scope = {
    lead: {
      ...clean({ language: null, ...person }),
      attributes: clean(Object.fromEntries(entries)),
    },
    company: clean(company),
    owner: clean(owner ?? { name: null, email: null, phone: null }),
    dead: clean(dead ?? { reason: null, wanted: null, competitor: null }),
    links: clean({
      unsubscribe: links.unsubscribe,
      why: asksWhy && links.why ? session.ownLink('why', links.why) : null,
    }),
  }
  return { ...scope, computed: computedOf(scope, { source, session }) }
}

/** A field that would print what is not there is empty itself, so that defaults apply to it. */
function computedOf(scope: object, { source, session }: Rendering): object {
  const computed: Record<string, string | null> = {}
  for (const [name, text] of Object.entries(source.uses?.computed ?? {})) {
    try {
      computed[name] = blankAsNull(session.plain(text, { ...scope, computed: { ...computed } }))
    } catch (error) {
      if (readLiquidError(error).message !== NOTHING_TO_PRINT) throw error
      computed[name] = null
    }
  }
  return computed
}

/** Without marks, and with white space alone counted as empty, so that defaults apply. */
function clean(values: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]: [string, unknown]) => {
      const unmarked = withoutMarks(value)
      return [name, typeof unmarked === 'string' ? blankAsNull(unmarked) : unmarked]
    }),
  )
}

function blankAsNull(text: string): string | null {
  return text.trim() === '' ? null : text
}
