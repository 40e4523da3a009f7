import type { Company } from '../company/company.ts'
import { type TextSize, textSize } from '../texts.ts'
import { variantOf } from './file-name.ts'
import { renderSms } from './render.ts'
import type { SmsTemplate, Template, TemplateContext } from './types.ts'

/** How big a text template comes out for a lead with names of usual length. */
export interface TemplateSize {
  readonly template: string
  /** "competitor", "es" or "competitor.es"; null for the standard text. */
  readonly variant: string | null
  /** As the first text to somebody: with the sender's name and the way to stop. */
  readonly first: TextSize
  readonly later: TextSize
}

/** What a short link of ours looks like; only its length counts. */
const LINK_PATH = `/r/${'x'.repeat(22)}`

/** The sizes of all texts among the templates, variants included. */
export function templateSizes(
  templates: readonly Template[],
  company: Company,
  publicUrl: string,
): TemplateSize[] {
  return templates.flatMap((template) =>
    template.channel === 'sms' ? sizesOf(template, company, publicUrl) : [],
  )
}

function sizesOf(template: SmsTemplate, company: Company, publicUrl: string): TemplateSize[] {
  return [null, ...Object.keys(template.variants).sort()].flatMap((variant) => {
    const context = sampleContext(company, publicUrl, variant)
    const size = (firstText: boolean) => {
      const rendered = renderSms(template, context, { firstText })
      return rendered.ok ? textSize(rendered.text) : null
    }
    const [first, later] = [size(true), size(false)]
    return first === null || later === null
      ? []
      : [{ template: template.name, variant, first, later }]
  })
}

/** Somebody with names of usual length, who has an owner. */
function sampleContext(
  company: Company,
  publicUrl: string,
  variant: string | null,
): TemplateContext {
  const { reason, language } = variantOf(variant)
  return {
    lead: {
      firstName: 'Alexandra',
      lastName: 'Castellano',
      company: 'Northwind',
      language,
      attributes: {},
    },
    company,
    owner: { name: 'Sam', email: 'sam@acme.example', phone: null },
    dead:
      reason === null ? null : { reason, wanted: 'something else', competitor: 'another company' },
    links: { unsubscribe: null, why: () => `${publicUrl}${LINK_PATH.replace('/r/', '/why/')}` },
    linkFor: () => `${publicUrl}${LINK_PATH}`,
  }
}
