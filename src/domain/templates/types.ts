import type { DeadReason } from '../lead.ts'

/**
 * Template: one message, for one channel, under a name that cadences use.
 * Variant: the same message for leads that are dead for one reason.
 * Source: the parts of one template file.
 */

/** Text as it stands in a file, and where: line and column of its first character, from 1. */
export interface TemplateText {
  readonly text: string
  readonly line: number
  readonly column: number
}

export interface EmailSource {
  readonly channel: 'email'
  readonly file: string
  readonly subject: TemplateText
  /** What an inbox shows after the subject; null = the beginning of the body. */
  readonly preheader: TemplateText | null
  /** Markdown with Liquid. */
  readonly body: TemplateText
  /** What stands around the body; null or absent: the plain layout. */
  readonly layout?: EmailLayout | null
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

export interface SmsSource {
  readonly channel: 'sms'
  readonly file: string
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
  readonly variants: Readonly<Partial<Record<DeadReason, Source>>>
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
  }
  /** What a link in a message leads to; the answer replaces it (a signed redirect, say). */
  readonly linkFor: (url: string) => string
  /** A picture at the end of an email that tells when it is opened; none when absent. */
  readonly pixel?: string | null
}

/** The variables a template may use. */
export const TEMPLATE_VARIABLES: Readonly<Record<string, readonly string[]>> = {
  lead: ['firstName', 'lastName', 'company', 'attributes'],
  company: ['name', 'brand', 'postalAddress', 'website', 'bookingUrl', 'phone'],
  owner: ['name', 'email', 'phone'],
  dead: ['reason', 'wanted', 'competitor'],
  links: ['unsubscribe'],
}

/** A link that a message carries: what the author wrote, and what it became. */
export interface RenderedLink {
  readonly url: string
  readonly href: string
}

/** Which file of a template speaks to a lead: the variant of its dead reason, else the standard. */
export function sourceFor<Source extends TemplateSource>(
  template: TemplateOf<Source>,
  reason: DeadReason | null,
): Source {
  return (reason === null ? undefined : template.variants[reason]) ?? template.standard
}
