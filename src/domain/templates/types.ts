import { languageFallbacks } from '../language.ts'
import type { DeadReason } from '../lead.ts'

/**
 * Template: one message, for one channel, under a name that cadences use.
 * Variant: the same message for leads that are dead for one reason, or in another language.
 * Source: the parts of one template file.
 * Snippet: a text that several messages share. Computed field: a value that is made of others.
 */

/** Text as it stands in a file, and where: line and column of its first character, from 1. */
export interface TemplateText {
  readonly text: string
  readonly line: number
  readonly column: number
}

/** A text that stands in another file than the message that takes it. */
export interface SharedText extends TemplateText {
  readonly file: string
}

/** What a file takes from others; it goes into its version, so that a version never changes. */
export interface Uses {
  /** By name, in the language of the file. */
  readonly snippets: Readonly<Record<string, SharedText>>
  /** By name, in the order of the company's file: later ones may speak of earlier ones. */
  readonly computed: Readonly<Record<string, SharedText>>
}

/** What the message wants its reader to do. */
export type CallToAction =
  /** A button, where the body says {{ cta }}, else at its end. */
  | { readonly kind: 'button'; readonly label: TemplateText; readonly url: TemplateText }
  /** An answer in the reader's own words. */
  | { readonly kind: 'reply' }

interface SourceBase {
  readonly file: string
  /** BCP 47, of a localised variant; absent: the company's own language. */
  readonly language?: string
  readonly uses?: Uses
}

export interface EmailSource extends SourceBase {
  readonly channel: 'email'
  readonly subject: TemplateText
  /** What an inbox shows after the subject; null = the beginning of the body. */
  readonly preheader: TemplateText | null
  /** Markdown with Liquid. */
  readonly body: TemplateText
  /** What stands around the body; null or absent: the plain layout. */
  readonly layout?: EmailLayout | null
  readonly cta?: CallToAction
}

/** MJML with Liquid that stands around the messages which name it. */
export interface EmailLayout {
  /** The file's name without its ending. */
  readonly name: string
  readonly file: string
  readonly mjml: string
  /** What it was compiled to, when it was published; null until then. */
  readonly html: TemplateText | null
}

export interface SmsSource extends SourceBase {
  readonly channel: 'sms'
  /** Plain text with Liquid. */
  readonly body: TemplateText
}

export type TemplateSource = EmailSource | SmsSource

export interface TemplateOf<Source extends TemplateSource> {
  readonly channel: Source['channel']
  /** The path below templates/ without its ending: "new-lead/first-reply". */
  readonly name: string
  /** SHA-256 over all its files. */
  readonly checksum: string
  /** For leads without a variant of their own. */
  readonly standard: Source
  /** By what stands before the file's ending: "competitor", "es", "competitor.es". */
  readonly variants: Readonly<Record<string, Source>>
}

export type EmailTemplate = TemplateOf<EmailSource>
export type SmsTemplate = TemplateOf<SmsSource>
export type Template = EmailTemplate | SmsTemplate

/** All that a template can speak of. What is not known of a lead is null, never left out. */
export interface TemplateContext {
  readonly lead: {
    readonly firstName: string | null
    readonly lastName: string | null
    readonly company: string | null
    /** BCP 47; null or absent where it is not known. */
    readonly language?: string | null
    /** The company's own fields; one that this lead does not have reads as empty. */
    readonly attributes: Readonly<Record<string, string | number | boolean | null>>
  }
  readonly company: {
    /** The legal name, for the footer. */
    readonly name: string
    /** What people call it. */
    readonly brand: string
    /** On one line. Every marketing email must carry it (CAN-SPAM, 15 U.S.C. 7704(a)(5)). */
    readonly postalAddress: string
    readonly website: string
    readonly bookingUrl: string | null
    readonly phone: string | null
  }
  /** Who looks after the lead. */
  readonly owner: {
    readonly name: string
    readonly email: string | null
    readonly phone: string | null
  } | null
  /** Why the lead was given up, for revivals and check-ins. */
  readonly dead: {
    readonly reason: DeadReason
    readonly wanted: string | null
    readonly competitor: string | null
  } | null
  readonly links: {
    /** The address at which this person stops these emails; texts need none. */
    readonly unsubscribe: string | null
    /** Makes the address of the page that asks why; called by messages that speak of it. */
    readonly why?: () => string
  }
  /** What a link in a message leads to; the answer replaces it (a signed redirect, say). */
  readonly linkFor: (url: string) => string
  /** A picture at the end of an email that tells when it is opened; none when absent. */
  readonly pixel?: string | null
}

/** The variables a template may use. */
export const TEMPLATE_VARIABLES: Readonly<Record<string, readonly string[]>> = {
  lead: ['firstName', 'lastName', 'company', 'language', 'attributes'],
  company: ['name', 'brand', 'postalAddress', 'website', 'bookingUrl', 'phone'],
  owner: ['name', 'email', 'phone'],
  dead: ['reason', 'wanted', 'competitor'],
  links: ['unsubscribe', 'why'],
}

/** A link that a message carries: what the author wrote, and what it became. */
export interface RenderedLink {
  readonly url: string
  readonly href: string
}

/**
 * Which file of a template speaks to a lead. A language that the lead reads comes before words
 * that fit its reason: competitor.es-MX, competitor.es, es-MX, es, competitor, the standard.
 */
export function sourceFor<Source extends TemplateSource>(
  template: TemplateOf<Source>,
  reason: DeadReason | null,
  language: string | null = null,
): Source {
  const languages = languageFallbacks(language)
  const keys = [
    ...(reason === null ? [] : languages.map((tag) => `${reason}.${tag}`)),
    ...languages,
    ...(reason === null ? [] : [reason]),
  ]
  const key = keys.find((each) => Object.hasOwn(template.variants, each))
  return (key === undefined ? undefined : template.variants[key]) ?? template.standard
}

/** Everything that is taken from other files. */
export function sharedTexts({ snippets, computed }: Uses): readonly SharedText[] {
  return [...Object.values(snippets), ...Object.values(computed)]
}

/** Every file that a version of the template is made of. */
export function filesAround({ standard, variants }: Template): readonly string[] {
  return [standard, ...Object.values(variants)].flatMap((source) => {
    const layout = source.channel === 'email' ? (source.layout?.file ?? null) : null
    const shared = source.uses === undefined ? [] : sharedTexts(source.uses)
    return [source.file, ...(layout === null ? [] : [layout]), ...shared.map(({ file }) => file)]
  })
}

/** Everything in a file that is Liquid, in the order in which it stands there. */
export function textsOf(source: TemplateSource): readonly TemplateText[] {
  if (source.channel === 'sms') return [source.body]
  const { subject, preheader, cta, body } = source
  const button = cta?.kind === 'button' ? [cta.label, cta.url] : []
  return [subject, ...(preheader === null ? [] : [preheader]), ...button, body]
}
