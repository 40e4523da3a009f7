import type { Command } from 'commander'
import type { PublishOptions } from '../commands/cadence/publish.ts'
import type { SendTestOptions } from '../commands/cadence/send-test.ts'
import type { Does } from './does.ts'

/** Publishing, and how files stand to what is published. */
export function describePublishing(all: Command, does: Does, files: string): void {
  const publish = all
    .command('publish')
    .argument('[file...]', `${files}; the company's folder when left out`)
    .option('--policy <policy>', 'what becomes of leads under way: pin, move or re-time')
    .option('--unsent <words>', 'what messages not sent yet say: new or old')
    .option('--dry-run', 'only tell what would change, and for whom')
    .option('--yes', 'ask nothing: leads under way keep their version unless --policy says more')
    .option('--no-wait', 'do not wait until leads under way are moved')
    .description('publish new versions, and decide what becomes of leads under way')
    .addHelpText('after', POLICY_HELP)
  does<PublishOptions>(
    publish,
    async () => (await import('../commands/cadence/publish.ts')).publishCadences,
  )

  const status = all
    .command('status')
    .argument('[folder]', 'the company’s folder')
    .option('--all', 'also what is as published')
    .description('say how files differ from what is published; exit code 1 when any does')
  does<{ all?: true }>(
    status,
    async () => (await import('../commands/cadence/status.ts')).cadenceStatus,
  )

  const pull = all
    .command('pull')
    .argument('[name]', 'a cadence; everything when left out')
    .option('--into <folder>', 'the company’s folder')
    .option('--force', 'overwrite words that were never published')
    .description('write what is published back to files')
  does<{ into?: string; force?: true }>(
    pull,
    async () => (await import('../commands/cadence/pull.ts')).pullCadence,
  )

  const side = 'a file, NAME, or NAME@VERSION'
  const diff = all
    .command('diff')
    .argument('<a>', side)
    .argument('[b]', `${side}; left out: a file against what is published, a name against before`)
    .option('--text', 'also the lines of messages')
    .description('say in words what changes')
  does<{ text?: true }>(diff, async () => (await import('../commands/cadence/diff.ts')).diffCadence)

  const versions = all
    .command('versions')
    .argument('<name>', 'a cadence')
    .description('list its versions: who published them, and when')
  does(versions, async () => (await import('../commands/cadence/versions.ts')).cadenceVersions)

  const show = all
    .command('show')
    .argument('<name>', 'NAME, or NAME@VERSION')
    .description('print a version as it was published')
  does(show, async () => (await import('../commands/cadence/versions.ts')).showCadence)

  const test = all
    .command('send-test')
    .argument('<name>', 'the name of a published cadence')
    .argument('<step>', 'the id of one of its emails or texts')
    .requiredOption('--to <recipient>', 'an address or number of your own')
    .option('--mine', 'say that it is your own: a test is never sent to somebody else')
    .option('--first-name <name>', 'whom the message speaks to')
    .option('--language <tag>', 'such as es, for its variant')
    .description('send one message to yourself by the real channel, marked as a test')
  does<SendTestOptions>(
    test,
    async () => (await import('../commands/cadence/send-test.ts')).sendTest,
  )
}

const POLICY_HELP = `
Leads under way: pin (they keep the version they are in), move (they go on in the new one, steps
matched by id; a wait that has begun keeps its date), re-time (the same, and that wait is counted
anew; what is overdue by that is spread over four hours). Without --policy it asks at a terminal,
and pins elsewhere.`
