import { languageFallbacks } from '../language.ts'
import { prepare, type UsedVariable } from './liquid.ts'
import { type SharedFiles, snippetFor } from './shared-files.ts'
import {
  type SharedText,
  sharedTexts,
  type TemplateSource,
  type TemplateText,
  textsOf,
  type Uses,
} from './types.ts'

/**
 * What a checked message takes from the company's shared files, also by way of other snippets and
 * fields; null when it takes nothing. It becomes part of the message's version.
 */
export function usesOf(source: TemplateSource, shared: SharedFiles): Uses | null {
  const languages = languageFallbacks(source.language ?? null)
  const snippets: Record<string, SharedText> = {}
  const fields = new Set<string>()
  const collect = (text: TemplateText): void => {
    const { calls, variables } = prepare(text)
    for (const { name } of calls) {
      const found = snippetFor(shared, name, languages)
      if (found === null || Object.hasOwn(snippets, name)) continue
      snippets[name] = found.text
      collect(found.text)
    }
    for (const { path } of variables) {
      const [root, name] = path
      const field = root === 'computed' ? shared.computed.find((each) => each.name === name) : null
      if (field == null || fields.has(field.name)) continue
      fields.add(field.name)
      collect(field.text)
    }
  }
  for (const text of textsOf(source)) collect(text)
  const computed = shared.computed.filter(({ name }) => fields.has(name))
  if (Object.keys(snippets).length === 0 && computed.length === 0) return null
  return {
    snippets,
    computed: Object.fromEntries(computed.map(({ name, text }) => [name, text])),
  }
}

/** The variables of a text, with those of everything that it takes from other files. */
export function variablesOf(text: TemplateText, uses: Uses | undefined): readonly UsedVariable[] {
  const shared = uses === undefined ? [] : sharedTexts(uses)
  return [text, ...shared].flatMap((each) => prepare(each).variables)
}
