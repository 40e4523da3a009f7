import { z } from 'zod'
import { describeProblem } from '../../domain/cadence/file/problems.ts'
import { id, type SignalId } from '../../domain/ids.ts'
import { checkExamples } from '../../domain/replies/examples.ts'
import { rulesWith, shippedFiles } from '../../domain/replies/shipped.ts'
import { INTENTS } from '../../domain/replies/types.ts'
import { Refusal } from '../../leads/intake.ts'
import { correctReply } from '../../leads/replies/correct-reply.ts'
import { isoOrNull, viewLead } from '../../leads/views/view.ts'
import { audit } from '../../store/company/audit.ts'
import { readOwnReplyRules, writeOwnReplyRules } from '../../store/company/reply-rules.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'
import { leadIdOf, optionalText, text } from '../schemas/common.ts'

const TAG = 'Replies'

const correctSchema = z.strictObject({
  intent: z.enum(INTENTS),
  detail: optionalText(500),
  because: optionalText(1_000),
})

const undoSchema = z.strictObject({ because: optionalText(1_000) })

const rulesSchema = z.strictObject({
  files: z.array(z.strictObject({ path: text(300), text: z.string().max(200_000) })).max(50),
})

/** What answers were understood as: corrected or taken back in one call; and by which rules. */
export function replyRoutes(deps: ApiDeps): Api {
  const api = newApi()
  corrections(api, deps)
  rules(api, deps)
  return api
}

function corrections(api: Api, deps: ApiDeps): void {
  const described = {
    tag: TAG,
    answer: 'The lead, as it is then.',
    description:
      '`signalId` is the id of a reply in the lead’s timeline. What the verdict did is undone as far as nothing else has happened since. Where somebody was read as asking us to stop, `because` is needed; one of the words that are a stop by law (STOP, UNSUBSCRIBE, …) is never taken back.',
  }
  write(
    api,
    deps,
    'post',
    {
      ...described,
      path: '/v1/leads/:id/replies/:signalId/correct',
      summary: 'Say what an answer meant instead',
      body: correctSchema,
      example: { intent: 'competitor', detail: 'Other Example', because: 'they told me by phone' },
    },
    async (trx, { c, body, who, now, eventId }) => {
      const { intent, detail = null, because = null } = body
      const signalId = id<SignalId>(c.req.param('signalId') ?? '')
      const correction = { signalId, intent, detail, because }
      const leadId = leadIdOf(c.req.param('id'))
      const context = { who, receivedAt: now, eventId }
      const { lead, rings } = await correctReply(trx, leadId, correction, context)
      return { body: { lead: await viewLead(trx, lead) }, rings }
    },
  )
  write(
    api,
    deps,
    'post',
    {
      ...described,
      path: '/v1/leads/:id/replies/:signalId/undo',
      summary: 'Take back how an answer was understood',
      body: undoSchema,
      example: { because: 'it was a joke, they rang me' },
    },
    async (trx, { c, body, who, now, eventId }) => {
      const signalId = id<SignalId>(c.req.param('signalId') ?? '')
      const correction = { signalId, intent: null, detail: null, because: body.because ?? null }
      const leadId = leadIdOf(c.req.param('id'))
      const context = { who, receivedAt: now, eventId }
      const { lead, rings } = await correctReply(trx, leadId, correction, context)
      return { body: { lead: await viewLead(trx, lead) }, rings }
    },
  )
}

function rules(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: '/v1/reply-rules',
      tag: TAG,
      summary: 'The rules by which answers are understood',
      answer: 'The files that ship, the company’s own, and the version of both together.',
    },
    async () => {
      const own = await readOwnReplyRules(deps.store.db)
      const parsing = rulesWith(own.files)
      return {
        body: {
          rulesVersion: parsing.ok ? parsing.rules.version : null,
          own: own.files,
          publishedAt: isoOrNull(own.publishedAt),
          publishedBy: own.publishedBy,
          shipped: shippedFiles(),
        },
      }
    },
  )
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/reply-rules',
      tag: TAG,
      summary: 'Publish the company’s own rules',
      description:
        'They take the place of the company’s last ones and are asked after the opt-outs that ship and before everything else. Every example, theirs and ours, must hold.',
      body: rulesSchema,
      example: {
        files: [
          {
            path: 'rules/acme.yaml',
            text: 'rules:\n  - id: wants-a-sample\n    intent: interested\n    says: ["send [me] (a|the) sample"]\n    examples: [Please send me a sample]\n',
          },
        ],
      },
      answer: 'The version by which answers are read from now on.',
      answerExample: { rulesVersion: '3f2a9c01b7de+9a01c4e2f733' },
    },
    async (trx, { body, who, now }) => {
      const parsing = rulesWith(body.files)
      const problems = parsing.ok ? checkExamples(parsing.rules) : parsing.problems
      if (!parsing.ok || problems.length > 0) {
        throw new Refusal(
          422,
          'invalid_reply_rules',
          problems[0] === undefined ? 'The rules are not valid.' : describeProblem(problems[0]),
          'Correct the lines named; nothing was published.',
          {
            problems: problems.map(({ file, line, column, message, fix }) => ({
              field: `${file}:${line}:${column}`,
              message,
              fix,
            })),
          },
        )
      }
      await writeOwnReplyRules(trx, body.files, who, now)
      const { version } = parsing.rules
      await audit(trx, {
        who,
        action: 'reply_rules',
        leadId: null,
        at: now,
        details: { rulesVersion: version },
      })
      return { body: { rulesVersion: version } }
    },
  )
}
