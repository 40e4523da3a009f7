import type { LeadId, VisitorId } from '../../domain/ids.ts'
import { DAY_MS, HOUR_MS, type Instant, plus } from '../../domain/time.ts'
import { atLocal, localTime } from '../../domain/time-zones.ts'
import { act as operate } from '../../leads/actions.ts'
import type { Post } from '../../leads/incoming/post.ts'
import { upsertLead } from '../../leads/incoming/upsert.ts'
import { takeReply } from '../../leads/replies/take-reply.ts'
import { takeVisit } from '../../leads/web/visits.ts'
import { type Lab, labRules } from '../../local/lab.ts'
import { newId } from '../../store/new-id.ts'
import type { Act, Sample } from './samples.ts'

/**
 * Lets a sample lead live for so many days: it sends its form now, then does what its acts say,
 * each on its day.
 */
export async function live(lab: Lab, sample: Sample, days: number): Promise<LeadId> {
  const { timezone } = sample.lead
  const leadId = await sendForm(lab, sample)
  const began = lab.intake.now()
  const { day } = localTime(began, timezone)
  for (const act of sample.acts) {
    await passUntil(lab, leadId, atLocal(day + act.day, act.hour * HOUR_MS, timezone))
    await perform(lab, leadId, sample, act)
  }
  await passUntil(lab, leadId, plus(began, days * DAY_MS))
  return leadId
}

/** Lets the lead's own time pass until then, unless its life is over before. */
async function passUntil(lab: Lab, leadId: LeadId, target: Instant): Promise<void> {
  const now = await lab.time.clockOf(leadId)
  if (target > now) await lab.pass(leadId, target - now)
}

async function sendForm(lab: Lab, { lead }: Sample): Promise<LeadId> {
  const { store, hashKeys, doorbell, now } = lab.intake
  const source = 'https://www.acme.example/quote'
  const consent = { disclosure: 'web-form-1', at: null, source, ip: null }
  const post: Post = {
    lead: { ...lead, source: 'webform' },
    consents: [{ ...consent, channel: 'sms', basis: 'express_written' }],
    cadence: undefined,
    form: true,
    visitorId: null,
    dead: null,
  }
  const rules = await labRules(store)
  const context = { hashKeys, rules, via: 'demo', begunBy: 'api', eventId: null } as const
  const done = await store.transaction((trx) =>
    upsertLead(trx, post, { ...context, receivedAt: now() }),
  )
  if (done.ring !== null) doorbell.ring([done.ring])
  await doorbell.settle()
  return done.lead.id
}

async function perform(lab: Lab, leadId: LeadId, { lead }: Sample, act: Act): Promise<void> {
  const { store, hashKeys, doorbell, now } = lab.intake
  const receivedAt = now()
  const base = { id: newId('event'), via: 'demo', receivedAt }
  const rules = await labRules(store)
  const rings = await store.transaction(async (trx) => {
    if (act.kind === 'visit') {
      const ring = await takeVisit(trx, {
        visitorId: newId<VisitorId>('visitor'),
        page: 'https://www.acme.example/pricing',
        kind: 'interaction',
        token: null,
        identifiedAs: leadId,
        at: receivedAt,
      })
      return ring === null ? [] : [ring]
    }
    if (act.kind === 'looked_after') {
      const payload = { outcome: 'interested', details: null, until: null, note: null } as const
      const action = { kind: 'disposition', ...payload } as const
      const context = { who: 'demo', receivedAt, rules, eventId: null }
      return (await operate(trx, leadId, action, context)).rings
    }
    const value = act.by === 'sms' ? lead.phone : lead.email
    const point = { kind: act.by === 'sms' ? 'phone' : 'email', value } as const
    const reply = { ...base, channel: act.by, text: act.text, subject: null, touchId: null }
    const taken = await takeReply(trx, hashKeys, { kind: 'point', point }, reply)
    return taken.rings
  })
  doorbell.ring(rings)
  await doorbell.settle()
}
