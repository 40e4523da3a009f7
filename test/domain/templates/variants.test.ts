import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalLanguage,
  languageFallbacks,
  languageOfLead,
} from '../../../src/domain/language.ts'
import { DEAD_REASONS } from '../../../src/domain/lead.ts'
import { readFileName } from '../../../src/domain/templates/file-name.ts'
import { parseTemplates } from '../../../src/domain/templates/parse.ts'
import { renderEmail, renderSms } from '../../../src/domain/templates/render.ts'
import { sourceFor, type Template } from '../../../src/domain/templates/types.ts'
import { EVERYTHING } from './context.ts'

const HEAD = '---\nsubject: Hello\n---\n'

function parsed(files: Readonly<Record<string, string>>): readonly Template[] {
  const parsing = parseTemplates(Object.entries(files).map(([path, text]) => ({ path, text })))
  if (!parsing.ok) throw new Error(JSON.stringify(parsing.problems))
  return parsing.templates
}

describe('a language', () => {
  it.each([
    ['ES', 'es'],
    ['es_mx', 'es-MX'],
    ['zh-hant', 'zh-Hant'],
    ['Spanish', null],
    ['xx', null],
    ['e', null],
    ['', null],
    ['en-', null],
  ])('written %j is %j', (written, tag) => {
    expect(canonicalLanguage(written)).toBe(tag)
  })

  it('falls back to ever wider ones', () => {
    expect(languageFallbacks('es-MX')).toEqual(['es-MX', 'es'])
    expect(languageFallbacks(null)).toEqual([])
  })

  it('is the lead’s own, else what its attributes say', () => {
    expect(languageOfLead({ language: 'es', attributes: { locale: 'fr' } })).toBe('es')
    expect(languageOfLead({ language: null, attributes: { locale: 'fr_CA' } })).toBe('fr-CA')
    expect(languageOfLead({ attributes: { language: 7, lang: 'no language at all' } })).toBe(null)
  })
})

describe('the name of a file', () => {
  it.each([
    ['templates/a/b.md', null, null],
    ['templates/a/b.es.md', 'es', 'es'],
    ['templates/a/b.competitor.md', 'competitor', null],
    ['templates/a/b.competitor.es-MX.md', 'competitor.es-MX', 'es-MX'],
    ['templates/a/b.es.sms.txt', 'es', 'es'],
  ])('%s is the variant %j', (path, variant, language) => {
    expect(readFileName(path)).toMatchObject({ ok: true, name: { variant, language } })
  })

  it.each([
    ['templates/a/b.es.competitor.md', 'Write the reason first: ".competitor.es".'],
    ['templates/a/b.es_mx.md', 'Did you mean "es-MX"?'],
    ['templates/a/b.competitor.spain.md', 'dead reason'],
    ['templates/a/b.competitor.es.more.md', 'Leave the rest out.'],
    ['templates/a/b.sms.md', 'Texts end with .sms.txt.'],
  ])('%s is refused', (path, words) => {
    const reading = readFileName(path)
    expect(reading.ok ? '' : `${reading.message} ${reading.fix}`).toContain(words)
  })
})

describe('a template with variants', () => {
  const [template] = parsed({
    'templates/a.md': `${HEAD}standard`,
    'templates/a.competitor.md': `${HEAD}competitor`,
    'templates/a.es.md': `${HEAD}es`,
    'templates/a.es-MX.md': `${HEAD}es-MX`,
    'templates/a.competitor.es.md': `${HEAD}competitor.es`,
  })
  if (template?.channel !== 'email') throw new Error('no template')

  it.each([
    [null, null, 'standard'],
    [null, 'fr', 'standard'],
    [null, 'es', 'es'],
    [null, 'es-MX', 'es-MX'],
    [null, 'es-AR', 'es'],
    ['competitor', null, 'competitor'],
    ['competitor', 'es', 'competitor.es'],
    ['competitor', 'es-MX', 'competitor.es'],
    ['competitor', 'fr', 'competitor'],
    ['postponing', 'es-MX', 'es-MX'],
  ] as const)('speaks to reason %j and language %j by %s', (reason, language, words) => {
    expect(sourceFor(template, reason, language).body.text).toBe(words)
  })

  it('speaks the lead’s language, before all, whenever it can', () => {
    const reasons = fc.constantFrom(null, ...DEAD_REASONS)
    fc.assert(
      fc.property(reasons, fc.constantFrom('es', 'es-MX', 'es-AR'), (reason, language) => {
        expect(sourceFor(template, reason, language).language).toMatch(/^es/)
      }),
    )
  })

  it('says what Rekindle adds in its own language', () => {
    const [email, text] = parsed({
      'templates/a.md': `${HEAD}Hello`,
      'templates/a.es.md': '---\nsubject: Hola\n---\nHola',
      'templates/a.sms.txt': 'Hello',
      'templates/a.es.sms.txt': 'Hola',
    })
    const context = { ...EVERYTHING, lead: { ...EVERYTHING.lead, language: 'es-MX' } }
    if (email?.channel !== 'email' || text?.channel !== 'sms') throw new Error('no templates')
    expect(renderEmail(email, context)).toMatchObject({ ok: true, subject: 'Hola' })
    const rendered = renderEmail(email, context)
    expect(rendered.ok && rendered.html).toContain('<html lang="es">')
    expect(rendered.ok && rendered.text).toContain('Cancelar la suscripción: https://')
    const sms = renderSms(text, context, { firstText: true })
    expect(sms).toMatchObject({ ok: true, text: 'Acme: Hola Responda STOP para cancelar.' })
    const english = renderSms(text, EVERYTHING, { firstText: true })
    expect(english).toMatchObject({ ok: true, text: 'Acme: Hello Reply STOP to opt out.' })
  })
})
