import { createInterface } from 'node:readline/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { z } from 'zod'
import { PUBLISH_POLICIES, type PublishPolicy } from '../../../domain/cadence/versions/policy.ts'
import { textSizeWords } from '../../../domain/texts.ts'
import { companyFolderOf } from '../../../local/folder.ts'
import { readCadenceFiles } from '../../cadence-files.ts'
import { ask, type DataClient, posting } from '../../data/client.ts'
import { withData } from '../../data/open.ts'
import { EXIT, type Exit } from '../../exit.ts'
import { usageError } from '../../problem.ts'
import { type Plan, planSchema, publicationSchema, publishedSchema } from '../../publish/schemas.ts'
import { tellPlan } from '../../publish/tell-plan.ts'
import type { Terminal } from '../../terminal.ts'

export interface PublishOptions {
  readonly policy?: string
  readonly unsent?: string
  readonly dryRun?: true
  readonly yes?: true
  readonly wait: boolean
}

interface Choice {
  readonly policy: PublishPolicy
  readonly unsent: 'new' | 'old'
}

/**
 * `rekindle cadence publish [FILE…]`: new versions of what has changed; the rest stays. Before
 * that it tells what becomes of the leads under way, and at a terminal it asks.
 */
export async function publishCadences(
  terminal: Terminal,
  paths: readonly string[],
  options: PublishOptions,
): Promise<Exit> {
  const files = filesOf(terminal, paths)
  return withData(terminal, async (client) => {
    const { plan } = await ask(client, planSchema, '/v1/cadences', posting({ files, dryRun: true }))
    if (options.dryRun === true) {
      terminal.answer({ dryRun: true, plan })
      tellPlan(terminal, plan, policyFrom(options.policy) ?? null)
      return EXIT.ok
    }
    const choice = await choose(terminal, plan, options)
    if (choice === null) {
      terminal.say('Nothing was published.')
      return EXIT.no
    }
    const expect = Object.fromEntries(plan.cadences.map(({ name, from }) => [name, from ?? 0]))
    const body = posting({ files, ...choice, expect })
    const published = await ask(client, publishedSchema, '/v1/cadences', body)
    terminal.answer(published)
    tellPublished(terminal, published)
    const running = published.publications.filter(({ state }) => state === 'running')
    for (const { id } of running) await follow(terminal, client, id, options.wait)
    return EXIT.ok
  })
}

function filesOf(terminal: Terminal, paths: readonly string[]) {
  const folder = companyFolderOf(terminal.env.REKINDLE_FOLDER)
  if (paths.length === 0 && folder === null) {
    const fix = 'Name cadence files, or a folder with cadences/ and templates/ in it.'
    throw usageError('There is nothing to publish here.', fix)
  }
  const { folders, loose } = readCadenceFiles(
    paths.length === 0 && folder !== null ? [folder] : paths,
  )
  return [
    ...folders.flatMap((each) => each.files),
    ...loose.map(({ path, text }) => ({ path: `cadences/${fileName(path)}`, text })),
  ]
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function policyFrom(text: string | undefined): PublishPolicy | undefined {
  if (text === undefined) return undefined
  const policy = PUBLISH_POLICIES.find((each) => each === text)
  if (policy !== undefined) return policy
  throw usageError(`--policy ${text} is none.`, `Use one of: ${PUBLISH_POLICIES.join(', ')}.`)
}

function unsentFrom(text: string | undefined): Choice['unsent'] | undefined {
  if (text === undefined || text === 'new' || text === 'old') return text
  throw usageError(`--unsent ${text} is none.`, 'Use new or old.')
}

/** What becomes of leads under way; null: nothing is to be published after all. */
async function choose(
  terminal: Terminal,
  plan: Plan,
  options: PublishOptions,
): Promise<Choice | null> {
  const policy = policyFrom(options.policy)
  const unsent = unsentFrom(options.unsent)
  const leads = plan.cadences.reduce((sum, each) => sum + each.leads, 0)
  const ahead = plan.templates.reduce((sum, each) => sum + each.leads, 0)
  const asks = terminal.interactive && !terminal.json && options.yes !== true
  if (!asks || leads + ahead === 0) {
    return { policy: policy ?? 'pin', unsent: unsent ?? 'new' }
  }
  tellPlan(terminal, plan, policy ?? null)
  const lines = createInterface({ input: terminal.input, output: process.stderr })
  try {
    const question = async <T extends string>(text: string, answers: readonly T[]) => {
      for (;;) {
        const said = (await lines.question(text)).trim().toLowerCase()
        const answer = answers.find((each) => each === said)
        if (answer !== undefined) return answer
        if (said === '' || said === 'cancel') return null
      }
    }
    const chosen =
      policy ?? (leads === 0 ? 'pin' : await question(POLICY_QUESTION, PUBLISH_POLICIES))
    if (chosen === null) return null
    const words =
      unsent ?? (ahead === 0 ? 'new' : await question(UNSENT_QUESTION, ['new', 'old'] as const))
    if (words === null) return null
    return { policy: chosen, unsent: words }
  } finally {
    lines.close()
  }
}

const POLICY_QUESTION = 'What becomes of the leads under way? [pin/move/re-time/cancel] '
const UNSENT_QUESTION = 'Which words do messages use that were not sent yet? [new/old/cancel] '

function tellPublished(terminal: Terminal, published: z.output<typeof publishedSchema>): void {
  for (const { name, version, changed } of published.cadences) {
    terminal.say(`cadence ${name}: version ${version}${changed ? ' is published' : ', unchanged'}`)
  }
  const changed = published.templates.filter((template) => template.changed)
  for (const { name, version } of changed) terminal.say(`template ${name}: version ${version}`)
  for (const { template, variant, first } of published.texts) {
    const name = variant === null ? template : `${template}, ${variant}`
    terminal.say(`text ${name}: ${textSizeWords(first)} as a first text`)
  }
  for (const { file, line, column, message, fix } of published.warnings) {
    const where = file === undefined ? '' : `${file}:${line}:${column}: `
    terminal.say(terminal.paint('yellow', `${where}${message} ${fix}`))
  }
  for (const { cadence, words } of published.publications) terminal.say(`${cadence}: ${words}`)
}

const LOOK_EVERY_MS = 1_000

/** Tells how far a publication is, until it is over. */
async function follow(
  terminal: Terminal,
  client: DataClient,
  id: string,
  wait: boolean,
): Promise<void> {
  if (!client.from.startsWith('http')) {
    terminal.note('The leads are moved once an instance runs.')
    return
  }
  let told = ''
  while (wait) {
    const { state, words } = await ask(client, publicationSchema, `/v1/publications/${id}`)
    if (words !== told) terminal.note(words)
    told = words
    if (state !== 'running') return
    await pause(LOOK_EVERY_MS)
  }
}
