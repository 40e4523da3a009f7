import { z } from 'zod'
import { lintSet } from '../../domain/cadence/lint/lint.ts'
import { PUBLISH_POLICIES } from '../../domain/cadence/versions/policy.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import { id, type PublicationId } from '../../domain/ids.ts'
import { templateSizes } from '../../domain/templates/text-sizes.ts'
import {
  cancelPublication,
  noSuchPublication,
  viewPublication,
} from '../../leads/publishing/publications.ts'
import {
  type CheckedFiles,
  checkFiles,
  prepareFiles,
  publishFiles,
} from '../../leads/publishing/publish-files.ts'
import { planPublishing } from '../../leads/publishing/publish-plan.ts'
import { companyWarnings } from '../../leads/publishing/publishable.ts'
import { untoldSteps } from '../../leads/telling/webhooks.ts'
import { findPublication, listPublications } from '../../store/company/publications.ts'
import { readSettings } from '../../store/company/settings.ts'
import type { Executor } from '../../store/executor.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'

const TAG = 'Cadences and templates'
const MOST_TEXT = 200_000
const LISTED = 100

const publishSchema = z.strictObject({
  files: z
    .array(
      z.strictObject({
        path: z
          .string()
          .regex(
            /^(cadences|templates)\/[\w./-]+$/,
            'Write cadences/name.yaml or templates/name.md.',
          ),
        text: z.string().max(MOST_TEXT),
      }),
    )
    .min(1)
    .max(500),
  dryRun: z.boolean().default(false),
  policy: z.enum(PUBLISH_POLICIES).default('pin'),
  unsent: z.enum(['new', 'old']).default('new'),
  expect: z.record(z.string(), z.int().min(0)).default({}),
})

/** Publishing, and what it does to the leads under way. */
export function publishingRoutes(deps: ApiDeps): Api {
  const api = newApi()
  publishing(api, deps)
  publications(api, deps)
  return api
}

function publishing(api: Api, deps: ApiDeps): void {
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/cadences',
      tag: TAG,
      summary: 'Publish cadences and templates',
      description: PUBLISHING,
      body: publishSchema,
      example: PUBLISH_EXAMPLE,
      answer: 'What was published, and what was so already; or the plan of a dry run.',
      answerExample: PUBLISHED_EXAMPLE,
    },
    async (trx, { body, who, now, rules }) => {
      const checked = await checkFiles(trx, body.files, rules, deps.config.outbound)
      const told = await aboutFiles(trx, deps, checked, rules)
      if (body.dryRun) {
        const plan = await planPublishing(trx, checked)
        return { body: { dryRun: true, plan, ...told } }
      }
      const { publications: ids, ...published } = await publishFiles(trx, checked, body, {
        who,
        now,
      })
      const views = []
      for (const each of ids) {
        const row = await findPublication(trx, each)
        if (row !== null) views.push(await viewPublication(trx, row))
      }
      return { body: { ...published, publications: views, ...told } }
    },
    ({ body }) => prepareFiles(deps.store.db, body.files),
  )
}

const PUBLISHING = [
  'Each text becomes a new immutable version, unless it is the current one already. Templates that are published may be left out.',
  '`policy` says what becomes of leads under way: `pin` (they keep the version they are in), `move` (they go on in the new one, steps matched by id, a wait that has begun keeps its date) or `re-time` (the same, and that wait is counted anew). They are moved after the answer, at a bounded rate: see `/v1/publications`.',
  '`unsent` says which words their messages use that were not sent yet: the `new` ones, or the `old`.',
  'With `dryRun` nothing is published: `plan` tells what would change, and what each policy does to how many leads at which step. `expect` names the version of each cadence that the dry run was about; when it is another by now, the answer is 409.',
].join(' ')

const PUBLISH_EXAMPLE = {
  files: [
    { path: 'cadences/hello.yaml', text: 'name: hello\ntitle: Hello\npurpose: nurture\n…' },
    {
      path: 'templates/hello/first.md',
      text: '---\nsubject: Hello\n---\nHello {{ lead.firstName }}',
    },
  ],
  policy: 'move',
  unsent: 'new',
  expect: { hello: 1 },
}

const PUBLICATION_EXAMPLE = {
  id: 'publication_01J9ZC7Q2K',
  cadence: 'hello',
  version: 2,
  policy: 'move',
  state: 'running',
  by: 'api:start',
  leads: 200,
  moved: 60,
  ended: 0,
  failed: 0,
  startedAt: '2026-11-24T17:00:00.000Z',
  finishedAt: null,
  words: '60 of 200 leads moved: running',
}

const PUBLISHED_EXAMPLE = {
  cadences: [{ name: 'hello', version: 2, changed: true }],
  templates: [],
  publications: [PUBLICATION_EXAMPLE],
  texts: [
    {
      template: 'hello/text',
      variant: null,
      first: { encoding: 'GSM-7', segments: 1, characters: 92, outsideGsm7: [] },
      later: { encoding: 'GSM-7', segments: 1, characters: 68, outsideGsm7: [] },
    },
  ],
  warnings: [],
}

/** How big the texts come out, and what may not be meant so. */
async function aboutFiles(
  trx: Executor,
  deps: ApiDeps,
  { cadences, templates, known }: CheckedFiles,
  rules: EngineRules,
) {
  const { company } = await readSettings(trx)
  const { channels, publicUrl } = deps.config
  return {
    texts: templateSizes(templates, company, publicUrl),
    warnings: [
      ...companyWarnings({ templates: known }, rules),
      ...lintSet(cadences, { templates: known, rules: rules.policy, channels }),
      ...(await missingWebhooks(trx, cadences)),
    ],
  }
}

/** Steps that tell an endpoint which is not there yet: an alert says so when a lead comes to one. */
async function missingWebhooks(trx: Executor, cadences: CheckedFiles['cadences']) {
  const untold = await untoldSteps(
    trx,
    cadences.map(({ cadence }) => cadence),
  )
  return untold.map(({ cadence, step, to }) => ({
    cadence,
    step,
    code: 'no_such_webhook',
    message: `There is no endpoint named ${to}: the step tells nobody.`,
    fix: `Add it with PUT /v1/webhooks/${to}.`,
  }))
}

function publications(api: Api, deps: ApiDeps): void {
  const { store } = deps
  read(
    api,
    deps,
    {
      path: '/v1/publications',
      tag: TAG,
      summary: 'What publishing did to leads under way, the newest first',
      query: z.strictObject({ cadence: z.string().max(100).optional() }),
      answer: 'The newest hundred, each with how far it is.',
      answerExample: { items: [PUBLICATION_EXAMPLE] },
    },
    async ({ query }) => {
      const of = { cadence: query.cadence ?? null, limit: LISTED }
      const items = []
      for (const row of await listPublications(store.db, of)) {
        items.push(await viewPublication(store.db, row))
      }
      return { body: { items } }
    },
  )
  read(
    api,
    deps,
    {
      path: '/v1/publications/:id',
      tag: TAG,
      summary: 'How far a publication is',
      answer: 'Its policy, its state and its counts.',
      answerExample: PUBLICATION_EXAMPLE,
    },
    async ({ c }) => {
      const row = await findPublication(store.db, id<PublicationId>(c.req.param('id') ?? ''))
      if (row === null) throw noSuchPublication()
      return { body: await viewPublication(store.db, row) }
    },
  )
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/publications/:id/cancel',
      tag: TAG,
      summary: 'Stop moving leads',
      description: 'Those that were moved stay where they are; the others keep their version.',
      answer: 'The publication as it is now.',
      answerExample: { ...PUBLICATION_EXAMPLE, state: 'cancelled' },
    },
    async (trx, { c, who, now }) => ({
      body: await cancelPublication(trx, id<PublicationId>(c.req.param('id') ?? ''), who, now),
    }),
  )
}
