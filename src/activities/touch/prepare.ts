import { messageIdOf } from '../../channels/email/message-id.ts'
import type { Ready } from '../../channels/types.ts'
import { stepOn } from '../../domain/cadence/fallback.ts'
import { stepAt } from '../../domain/cadence/walk.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import { mayRedirectTo } from '../../domain/company/tracking.ts'
import type { StepTouchRef, TouchInput } from '../../domain/contract.ts'
import type { LeadId, TouchId } from '../../domain/ids.ts'
import type { Channel } from '../../domain/policy/types.ts'
import { templateContext } from '../../domain/templates/context.ts'
import { type RenderedMessage, renderMessage } from '../../domain/templates/render-message.ts'
import type { Template, TemplateContext } from '../../domain/templates/types.ts'
import type { Instant } from '../../domain/time.ts'
import { isOfMessage } from '../../domain/touch-ref.ts'
import { contextLead } from '../../leads/context-lead.ts'
import { isBeingLookedUp } from '../../leads/incoming/phone-types.ts'
import { chooseOwner, chooseSender } from '../../leads/messages/email-senders.ts'
import type { MintedToken } from '../../leads/web/tokens.ts'
import { cadenceVersion } from '../../store/company/cadences.ts'
import { templateFor } from '../../store/company/templates.ts'
import { type EpisodeRow, openEpisode } from '../../store/episodes.ts'
import type { Executor } from '../../store/executor.ts'
import { findLead, type LeadRow } from '../../store/leads.ts'
import { keyedPointsOf } from '../../store/people/contact-points.ts'
import { touchIdOf } from '../../store/touches.ts'
import type { ActivityDeps } from '../deps.ts'
import { Draft } from './draft.ts'
import { type Envelope, envelopeFor } from './envelope.ts'
import { prepareMessage } from './prepare-message.ts'
import { readyOf } from './ready.ts'

/** A message ready to leave, with what it needs in the store when it does. */
export interface Message {
  readonly touchId: TouchId
  readonly channel: Channel
  /** null for a message that has no template. */
  readonly templateVersionId: string | null
  /** The address or number, and the keyed hash that caps and stops hang on. */
  readonly to: string
  readonly contactHash: string
  /** Those of all the lead's contact points: what concerns its person queues on them. */
  readonly contactKeys: readonly string[]
  readonly subject: string | null
  readonly text: string
  readonly html: string | null
  readonly messageId: string | null
  readonly unsubscribeUrl: string | null
  /** Emails only. */
  readonly envelope: Envelope | null
  /** The provider must not deliver it later; null: as the law allows. */
  readonly notAfter: Instant | null
  readonly tokens: readonly MintedToken[]
}

export type Prepared =
  | { readonly kind: 'ready'; readonly message: Message }
  /** The lead is not where the plan says, or cannot be reached: look again. */
  | { readonly kind: 'moved' }
  /** What kind of line the number is, is being asked: in a moment it is known. */
  | { readonly kind: 'looked_up' }
  /** Every sender has sent its share of today. */
  | { readonly kind: 'spent'; readonly until: Instant }
  | {
      readonly kind: 'unrenderable'
      readonly channel: Channel
      readonly because: string
      /** A value is missing for this lead: the template is as it should be. */
      readonly emptyValue?: boolean
    }
  | {
      readonly kind: 'not_ready'
      readonly channel: Channel
      readonly ready: Extract<Ready, { ready: false }>
      /** Whose server it is; null for texts. */
      readonly sender: string | null
    }

/**
 * Step ⓪ of a touch: everything that can take time or fail without harm, before any promise is
 * written down. Reads without locks; the gate judges again what it finds.
 */
export async function prepare(
  deps: ActivityDeps,
  { leadId, touch }: TouchInput,
  settings: EngineRules,
  moment: Moment,
): Promise<Prepared> {
  return isOfMessage(touch)
    ? await prepareMessage(deps, leadId, touch, settings, moment.now)
    : await prepareStep(deps, leadId, touch, settings, moment)
}

type Moment = { readonly now: Instant; readonly wall: Instant }

async function prepareStep(
  deps: ActivityDeps,
  leadId: LeadId,
  touch: StepTouchRef,
  settings: EngineRules,
  { now, wall }: Moment,
): Promise<Prepared> {
  const { db } = deps.store
  const lead = await findLead(db, leadId)
  const episode = lead && (await openEpisode(db, lead.episode_id))
  if (!lead || episode?.id !== touch.episodeId || episode.step_id !== touch.stepId) {
    return { kind: 'moved' }
  }
  const cadence = await cadenceVersion(db, episode.cadence_version_id)
  const planned = stepAt(cadence, touch)
  const step = planned.kind === 'message' ? stepOn(planned, touch.channel) : null
  if (step === null) return { kind: 'moved' }
  const { email, phone } = await keyedPointsOf(db, lead.id)
  const point = step.channel === 'email' ? email : phone
  if (point === null) return { kind: 'moved' }
  const { hash: contactHash } = point
  const mayBeLandline = step.channel === 'sms' && settings.lookUpPhones
  if (mayBeLandline && (await isBeingLookedUp(db, contactHash, wall))) return { kind: 'looked_up' }

  const asked = { id: lead.id, episodeId: episode.id, owner: lead.owner }
  const choice =
    step.channel === 'sms'
      ? null
      : step.from === 'owner'
        ? await chooseOwner(db, asked, settings, now, isHeard(deps, settings))
        : await chooseSender(db, asked, settings, now)
  if (choice?.kind === 'spent') return { kind: 'spent', until: choice.until }
  const ready = await readyOf(deps, choice)
  if (!ready.ready) {
    const sender = choice?.sender.email ?? null
    return { kind: 'not_ready', channel: step.channel, ready, sender }
  }

  const stored = await templateFor(db, episode.id, step.channel, step.template)
  if (stored === null) {
    const because = `the template ${step.template} is not published`
    return { kind: 'unrenderable', channel: step.channel, because }
  }
  const touchId = touchIdOf(leadId, touch)
  const draft = new Draft(deps.publicUrl, settings.tracking.linkUrl ?? deps.publicUrl)
  const context = contextFor(lead, episode, settings, draft, step.channel)
  const firstText = step.channel === 'sms' && !(await textedBefore(db, contactHash))
  const rendered = render(stored.template, context, firstText)
  if (!rendered.ok) {
    const { because, emptyValue } = rendered
    return { kind: 'unrenderable', channel: step.channel, because, emptyValue }
  }
  const envelope =
    choice &&
    (await envelopeFor(db, draft, {
      ...choice,
      asOwner: step.from === 'owner' && choice.because === undefined,
      company: settings.company,
      episodeId: episode.id,
      contactHash,
      inboundDomain: deps.inboundDomain,
    }))
  return {
    kind: 'ready',
    message: {
      touchId,
      channel: step.channel,
      templateVersionId: stored.versionId,
      to: point.value,
      contactHash,
      contactKeys: [email, phone].flatMap((each) => each?.hash ?? []),
      subject: rendered.subject,
      text: rendered.text,
      html: rendered.html,
      messageId: envelope && messageIdOf(touchId, envelope.from),
      unsubscribeUrl: context.links.unsubscribe,
      envelope,
      notAfter: null,
      tokens: draft.tokens,
    },
  }
}

/** Whether answers find a way back to us, whoever an email comes from. */
function isHeard({ inboundDomain }: ActivityDeps, { company }: EngineRules): boolean {
  return inboundDomain !== null || company.replyTo !== null
}

function contextFor(
  lead: LeadRow,
  episode: EpisodeRow,
  { company, trackerOrigins, tracking }: EngineRules,
  draft: Draft,
  channel: Channel,
): TemplateContext {
  const links = { unsubscribe: draft.unsubscribe(), why: () => draft.why() }
  return templateContext(contextLead(lead), company, episode.from_details, {
    links,
    linkFor: (url) =>
      mayRedirectTo(url, company, trackerOrigins, tracking) ? draft.redirect(url) : url,
    pixel: tracking.opens && channel === 'email' ? draft.pixel() : null,
  })
}

type Rendered =
  | RenderedMessage
  | { readonly ok: false; readonly because: string; readonly emptyValue: boolean }

function render(template: Template, context: TemplateContext, firstText: boolean): Rendered {
  const message = renderMessage(template, context, firstText)
  if (message.ok) return message
  const { file, message: because, code } = message.problem
  return { ok: false, because: `${file}: ${because}`, emptyValue: code === 'empty_value' }
}

async function textedBefore(executor: Executor, contactHash: string): Promise<boolean> {
  const earlier = await executor
    .selectFrom('touches')
    .select('id')
    .where('contact_hash', '=', contactHash)
    .where('channel', '=', 'sms')
    .where('state', 'in', ['sent', 'delivered', 'uncertain'])
    .limit(1)
    .executeTakeFirst()
  return earlier !== undefined
}
