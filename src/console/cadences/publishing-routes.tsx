import { Hono } from 'hono'
import { z } from 'zod'
import type { Cadence } from '../../domain/cadence/types.ts'
import { diffCadences } from '../../domain/cadence/versions/diff.ts'
import { PUBLISH_POLICIES } from '../../domain/cadence/versions/policy.ts'
import { id, type PublicationId } from '../../domain/ids.ts'
import type { SourceFile } from '../../domain/templates/parse.ts'
import { Refusal } from '../../leads/intake.ts'
import { cancelPublication, viewPublication } from '../../leads/publishing/publications.ts'
import { checkFiles, prepareFiles, publishFiles } from '../../leads/publishing/publish-files.ts'
import { planPublishing } from '../../leads/publishing/publish-plan.ts'
import { oneCadence } from '../../leads/publishing/versions.ts'
import { draftsOf } from '../../local/company-folder.ts'
import { findPublication, listPublications } from '../../store/company/publications.ts'
import { actorOf, type Inside, sayRefusals } from '../inside.ts'
import type { ConsoleContext, ConsoleEnv } from '../view.ts'
import { PublicationPage, PublishPage } from './publish-page.tsx'
import { VersionsPage } from './versions-page.tsx'

const whatSchema = z.object({
  cadence: z.string().max(100).optional(),
  version: z.coerce.number().int().positive().optional(),
})
type What = z.output<typeof whatSchema>

const publishForm = whatSchema.extend({
  policy: z.enum(PUBLISH_POLICIES).default('pin'),
  unsent: z.enum(['new', 'old']).default('new'),
  expect: z.string().max(10_000),
})
const expectSchema = z.record(z.string(), z.int().min(0))

const LISTED = 20
/** How soon the page of a running publication is loaded again. */
const REFRESH_SECONDS = 2

/** Versions, drafts, publishing with its choice, and how far it is. */
export function publishingRoutes(inside: Inside): Hono<ConsoleEnv> {
  const { deps, doorway, rules } = inside
  const { store } = deps
  const app = new Hono<ConsoleEnv>()

  const refused = (c: ConsoleContext, error: unknown) => {
    if (!(error instanceof Refusal)) throw error
    const text = error.message
    return doorway.redirect(c, '/cadences', { tone: 'bad', text, fix: error.fix })
  }

  app.get('/cadences/:name/versions', async (c) => {
    const name = c.req.param('name')
    const wanted = whatSchema.safeParse(c.req.query())
    try {
      const shown = await oneCadence(store.db, name, wanted.data?.version)
      const before =
        shown.version === 1 ? null : await oneCadence(store.db, name, shown.version - 1)
      const rows = await listPublications(store.db, { cadence: name, limit: LISTED })
      const publications = []
      for (const row of rows) publications.push(await viewPublication(store.db, row))
      return await c.html(
        <VersionsPage
          view={doorway.view(c)}
          name={name}
          shown={shown}
          versions={shown.versions}
          changes={
            before === null
              ? []
              : diffCadences(before.definition as Cadence, shown.definition as Cadence)
          }
          publications={publications}
          zone={(await rules()).company.timezone}
          messages={(shown.versions[0]?.version === shown.version
            ? (shown.definition as Cadence).steps
            : []
          ).flatMap((step) => (step.kind === 'message' ? [step.id] : []))}
        />,
      )
    } catch (error) {
      return refused(c, error)
    }
  })

  app.get('/publish', async (c) => {
    const what = whatSchema.safeParse(c.req.query()).data ?? {}
    try {
      const files = await filesFor(inside, what)
      await prepareFiles(store.db, files)
      const plan = await planPublishing(
        store.db,
        await checkFiles(store.db, files, await rules(), deps.config.outbound),
      )
      const carried = Object.entries(what).map(([name, value]) => [name, String(value)] as const)
      return await c.html(
        <PublishPage view={doorway.view(c)} plan={plan} what={Object.fromEntries(carried)} />,
      )
    } catch (error) {
      return refused(c, error)
    }
  })

  app.post('/publish', async (c) => {
    const form = publishForm.parse(await c.req.parseBody())
    try {
      const files = await filesFor(inside, form)
      await prepareFiles(store.db, files)
      const engine = await rules()
      const expect = expectSchema.parse(JSON.parse(form.expect))
      const done = await store.transaction(async (trx) => {
        const checked = await checkFiles(trx, files, engine, deps.config.outbound)
        const { policy, unsent } = form
        const request = { files, policy, unsent, expect }
        return publishFiles(trx, checked, request, { who: actorOf(c), now: deps.now() })
      })
      const names = done.cadences.map(({ name, version }) => `${name} version ${version}`)
      const text = `Published: ${[...names, ...changedOf(done.templates)].join(', ')}.`
      const [publication, another] = done.publications
      const to =
        publication === undefined || another !== undefined || form.policy === 'pin'
          ? '/cadences'
          : `/publications/${publication}`
      return doorway.redirect(c, to, { tone: 'good', text })
    } catch (error) {
      return refused(c, error)
    }
  })

  app.get('/publications/:id', async (c) => {
    const row = await findPublication(store.db, id<PublicationId>(c.req.param('id')))
    if (row === null) return c.notFound()
    const publication = await viewPublication(store.db, row)
    if (publication.state === 'running') c.header('Refresh', String(REFRESH_SECONDS))
    const { company } = await rules()
    return c.html(
      <PublicationPage view={doorway.view(c)} publication={publication} zone={company.timezone} />,
    )
  })

  app.post('/publications/:id/cancel', async (c) => {
    const publicationId = id<PublicationId>(c.req.param('id'))
    const said = await sayRefusals(async () => {
      await store.transaction((trx) =>
        cancelPublication(trx, publicationId, actorOf(c), deps.now()),
      )
      return { tone: 'good', text: 'The other leads keep the version they are in.' }
    })
    return doorway.redirect(c, `/publications/${publicationId}`, said)
  })

  return app
}

function changedOf(templates: readonly { readonly name: string; readonly changed: boolean }[]) {
  return templates.filter(({ changed }) => changed).map(({ name }) => name)
}

/** An older version of a cadence, or drafts of the folder: one cadence's with all messages, or all. */
async function filesFor({ deps }: Inside, { cadence, version }: What): Promise<SourceFile[]> {
  if (cadence !== undefined && version !== undefined) {
    const { source } = await oneCadence(deps.store.db, cadence, version)
    return [{ path: `cadences/${cadence}.yaml`, text: source }]
  }
  const state = (await deps.folder?.read()) ?? null
  const drafts = state === null ? [] : draftsOf(state)
  const paths = drafts
    .filter(({ kind, name }) => cadence === undefined || kind === 'template' || name === cadence)
    .map(({ path }) => path)
  const files = state?.files.filter(({ path }) => paths.includes(path)) ?? []
  if (files.length > 0) return files
  const fix = 'Change a file of the company’s folder first, or choose an older version.'
  throw new Refusal(404, 'no_draft', 'There is no such draft.', fix)
}
