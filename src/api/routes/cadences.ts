import { z } from 'zod'
import { Refusal } from '../../leads/intake.ts'
import { publishedFiles } from '../../leads/publishing/published-files.ts'
import { publishedState } from '../../leads/publishing/published-state.ts'
import {
  oneCadence,
  oneTemplate,
  publishedCadenceList,
  publishedTemplateList,
} from '../../leads/publishing/versions.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read } from '../operation.ts'

const TAG = 'Cadences and templates'
const versionSchema = z.coerce.number().int().positive().optional()

/** What is published: cadences and templates, each version of them, and files to pull. */
export function cadenceRoutes(deps: ApiDeps): Api {
  const api = newApi()
  cadences(api, deps)
  templates(api, deps)
  files(api, deps)
  folder(api, deps)
  return api
}

function cadences(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: '/v1/cadences',
      tag: TAG,
      summary: 'List published cadences',
      answer: 'Names, versions, and whether each stands still.',
    },
    async () => ({ body: { items: await publishedCadenceList(deps.store.db) } }),
  )
  read(
    api,
    deps,
    {
      path: '/v1/cadences/:name',
      tag: TAG,
      summary: 'One cadence, as published',
      description:
        'The current version, or the one that `version` names; with who published each version and when.',
      query: z.strictObject({ version: versionSchema }),
      answer: 'Its source, what it was read as, and all its versions.',
    },
    async ({ c, query }) => ({
      body: await oneCadence(deps.store.db, c.req.param('name') ?? '', query.version),
    }),
  )
}

function templates(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: '/v1/templates',
      tag: TAG,
      summary: 'List published templates',
      answer: 'Names and versions.',
    },
    async () => ({ body: { items: await publishedTemplateList(deps.store.db) } }),
  )
  read(
    api,
    deps,
    {
      path: '/v1/template-versions',
      tag: TAG,
      summary: 'One template, as published, with all its versions',
      query: z.strictObject({
        channel: z.enum(['email', 'sms']),
        name: z.string().max(200),
        version: versionSchema,
      }),
      answer: 'The files of one version, and who published each version and when.',
    },
    async ({ query }) => ({ body: await oneTemplate(deps.store.db, query) }),
  )
}

function files(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: '/v1/files',
      tag: TAG,
      summary: 'The published cadences and templates as files',
      description:
        'With `cadence`, that cadence and the templates that it uses: what `cadence pull` writes.',
      query: z.strictObject({ cadence: z.string().max(100).optional() }),
      answer: 'Paths and texts.',
    },
    async ({ query }) => {
      if (query.cadence !== undefined) await oneCadence(deps.store.db, query.cadence, undefined)
      return { body: { files: await publishedFiles(deps.store.db, query.cadence ?? null) } }
    },
  )
  read(
    api,
    deps,
    {
      path: '/v1/published',
      tag: TAG,
      summary: 'The checksums of everything that is published',
      description:
        'Each cadence, and each file of a template, with the SHA-256 of its text in every version: what `cadence status` compares files with.',
      answer: 'Cadences by name, files of templates by path.',
    },
    async () => ({ body: await publishedState(deps.store.db) }),
  )
}

function folder(api: Api, deps: ApiDeps): void {
  read(
    api,
    deps,
    {
      path: '/v1/folder',
      tag: TAG,
      summary: 'How the files of the company’s folder stand to what is published',
      description: 'Only where an instance was started in, or with, such a folder.',
      answer: 'Each file with its state, and every mistake with its line.',
    },
    async () => {
      if (deps.folder == null) throw noFolder()
      const { root, drift, problems } = await deps.folder.read()
      return { body: { root, items: drift, problems } }
    },
  )
}

function noFolder(): Refusal {
  const fix = 'Start it in such a folder (`rekindle init DIR`), or set REKINDLE_FOLDER.'
  return new Refusal(404, 'no_folder', 'This instance has no company’s folder.', fix)
}
