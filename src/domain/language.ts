/** Names of languages as Intl knows them; built once, because building it is slow. */
const NAMES = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })
const SHAPE = /^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$/

/**
 * A language tag in its one spelling: "es" for "ES", "es-MX" for "es_mx" (BCP 47). Null for what
 * is no language that anybody speaks.
 */
export function canonicalLanguage(text: string): string | null {
  const tag = text.trim()
  if (!SHAPE.test(tag)) return null
  try {
    const [canonical] = Intl.getCanonicalLocales(tag.replaceAll('_', '-'))
    const [primary = ''] = (canonical ?? '').split('-')
    return canonical !== undefined && NAMES.of(primary) !== undefined ? canonical : null
  } catch {
    return null
  }
}

/** The tags that speak to who asks for `language`, the closest first: es-MX, then es. */
export function languageFallbacks(language: string | null): readonly string[] {
  const tag = language === null ? null : canonicalLanguage(language)
  if (tag === null) return []
  const parts = tag.split('-')
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'))
}

/** What a lead's attributes may call its language, where the lead has none of its own. */
const ATTRIBUTES = ['language', 'locale', 'lang'] as const

/** The lead's language in its one spelling: its own, else what its attributes say; else null. */
export function languageOfLead(lead: {
  readonly language?: string | null
  readonly attributes: Readonly<Record<string, unknown>>
}): string | null {
  const told = [lead.language, ...ATTRIBUTES.map((name) => lead.attributes[name])]
  for (const each of told) {
    const tag = typeof each === 'string' ? canonicalLanguage(each) : null
    if (tag !== null) return tag
  }
  return null
}
