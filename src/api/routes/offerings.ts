import { z } from 'zod'
import { toIso } from '../../domain/time.ts'
import {
  addOffering,
  changeOffering,
  countMatches,
  type OfferingInput,
  withdrawOffering,
} from '../../leads/offerings.ts'
import { isoOrNull } from '../../leads/views/view.ts'
import { allOfferings, type OfferingRow } from '../../store/company/offerings.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'
import { optionalText, text } from '../schemas/common.ts'

const TAG = 'Offerings'
const MOST = 50

const list = z.array(text(100)).max(MOST)

const offeringSchema = z.strictObject({
  name: text(200),
  description: optionalText(2_000),
  tags: list.optional(),
  words: list.optional(),
})
const changeSchema = z.strictObject({
  name: text(200).optional(),
  description: optionalText(2_000),
  tags: list.optional(),
  words: list.optional(),
})
const csv = z
  .string()
  .max(5_000)
  .optional()
  .transform(
    (written) =>
      written
        ?.split(',')
        .map((each) => each.trim())
        .filter(Boolean) ?? [],
  )

const EXAMPLE = {
  name: 'Family plan',
  description: 'Up to six people on one account.',
  tags: ['wants-family-plan'],
  words: ['family', 'several people', 'shared account'],
}
const SHOWN = {
  id: 'offering_1',
  ...EXAMPLE,
  createdAt: '2026-11-26T12:00:00Z',
  createdBy: 'api:marketing',
  withdrawnAt: null,
}

/** What the company offers; an addition is told to the leads that it was missing for. */
export function offeringRoutes(deps: ApiDeps): Api {
  const api = newApi()
  reading(api, deps)
  writing(api, deps)
  return api
}

function reading(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: '/v1/offerings',
      tag: TAG,
      summary: 'List what the company offers',
      query: z.strictObject({ all: z.enum(['true', 'false']).optional() }),
      answer: 'By name, with how many lost leads each was found for, and how many were told.',
    },
    async ({ query }) => {
      const rows = await allOfferings(deps.store.db, query.all === 'true')
      return { body: { items: rows.map(({ leads, ...row }) => ({ ...shown(row), leads })) } }
    },
  )
  read(
    api,
    deps,
    {
      path: '/v1/offerings/matches',
      tag: TAG,
      summary: 'How many lost leads an offering would be told to',
      description: 'Before it is added; tags and words are separated by commas.',
      query: z.strictObject({ name: text(200), tags: csv, words: csv }),
      answer: 'A count.',
    },
    async ({ query }) => ({ body: { leads: await countMatches(deps.store.db, query) } }),
  )
}

function writing(api: Api, deps: ApiDeps): void {
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/offerings',
      tag: TAG,
      summary: 'Add what the company offers now',
      description:
        'Leads that are dead as no_matching_offering and wanted it (by a tag that both have, or by the words of its name or of one of its phrases) are woken a few at a time, within the rules of revival.',
      body: offeringSchema,
      example: EXAMPLE,
      answer: 'The offering.',
      answerExample: { offering: SHOWN },
    },
    async (trx, { body, who, now }) => {
      const input = { ...body, ...listsOf(body), description: body.description ?? null }
      const row = await addOffering(trx, input, { who, at: now })
      return { status: 201, body: { offering: shown(row) } }
    },
  )
  write(
    api,
    deps,
    'patch',
    {
      path: '/v1/offerings/:id',
      tag: TAG,
      summary: 'Change an offering',
      description: 'Whom its new words and tags find besides is told as well.',
      body: changeSchema,
      example: { words: ['family', 'several people'] },
      answer: 'The offering.',
      answerExample: { offering: SHOWN },
    },
    async (trx, { c, body, who, now }) => {
      const { name, description, tags, words } = body
      const change: Partial<OfferingInput> = {
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
        ...(tags !== undefined && { tags }),
        ...(words !== undefined && { words }),
      }
      const row = await changeOffering(trx, c.req.param('id') ?? '', change, { who, at: now })
      return { body: { offering: shown(row) } }
    },
  )
  write(
    api,
    deps,
    'delete',
    {
      path: '/v1/offerings/:id',
      tag: TAG,
      summary: 'Withdraw an offering',
      description: 'Who waited to be told of it is not told any more.',
      answer: 'Its id.',
    },
    async (trx, { c, who, now }) => {
      const id = c.req.param('id') ?? ''
      await withdrawOffering(trx, id, { who, at: now })
      return { body: { status: 'withdrawn', id } }
    },
  )
}

function listsOf({ tags = [], words = [] }: z.output<typeof offeringSchema>) {
  return { tags, words }
}

function shown(row: OfferingRow) {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    tags: row.tags,
    words: row.words,
    createdAt: toIso(row.created_at),
    createdBy: row.created_by,
    withdrawnAt: isoOrNull(row.retired_at),
  }
}
