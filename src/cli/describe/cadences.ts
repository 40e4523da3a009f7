import type { Command } from 'commander'
import type { CadencePreviewOptions } from '../commands/cadence/preview.ts'
import type { CadenceTestOptions } from '../commands/cadence/test.ts'
import type { CadenceValidateOptions } from '../commands/cadence/validate.ts'
import { type Does, group } from './does.ts'
import { describeCadencePauses } from './operators.ts'
import { describePublishing } from './publishing.ts'

/** Writing, checking, trying and publishing cadences. */
export function describeCadences(root: Command, does: Does): void {
  const all = group(root, 'cadence', 'check and publish cadences')
  const files = 'cadence files, or a folder with cadences/ and templates/ in it'

  const validate = all
    .command('validate')
    .argument('<file...>', files)
    .option('--strict', 'exit code 1 for warnings as well: what is allowed and hardly meant')
    .description('find every problem, with its line and what to write instead')
  does<CadenceValidateOptions>(
    validate,
    async () => (await import('../commands/cadence/validate.ts')).validateCadences,
  )

  const preview = all
    .command('preview')
    .argument('<cadence>', 'a cadence file, or the name of a cadence that ships')
    .requiredOption('--lead <file>', 'leads as JSON or YAML, or many as CSV')
    .option('--from <time>', 'when it begins, as ISO 8601; now when absent')
    .option('--days <n>', 'how many days are shown', '60')
    .option('--dead <reason>', 'the lead was given up for this reason before')
    .option('--import', 'the lead comes with an import, not by its own form')
    .option('--what-if <what...>', '"reply on day 9", "STOP on day 3", "unknown place" …')
    .option('--html <file>', 'write a page to print or to send round')
    .option('--settings <file>', 'company settings as JSON or YAML: hours, caps, calendars …')
    .option('--real', 'by the real workflow in virtual time: a rehearsal')
    .description('show what a lead would get, when, and why then; nothing is sent')
  does<CadencePreviewOptions>(
    preview,
    async () => (await import('../commands/cadence/preview.ts')).previewCadences,
  )

  const schema = all
    .command('schema')
    .description('print the JSON Schema of a cadence file, for editors')
  does(schema, async () => (await import('../commands/cadence/schema.ts')).cadenceSchema)
  const test = all
    .command('test')
    .argument('[file...]', 'cadences, their transcripts, or a folder; this folder when left out')
    .option('--update', 'save what the cadences do now')
    .description('check that cadences still do what their saved transcripts say')
  does<CadenceTestOptions>(
    test,
    async () => (await import('../commands/cadence/test.ts')).testCadences,
  )

  describePublishing(all, does, files)

  describeCadencePauses(all, does)
}

/** The company’s own rules of what answers mean. */
export function describeReplies(root: Command, does: Does): void {
  const all = group(root, 'replies', 'check and publish the rules by which answers are read')
  const files = 'files of rules, or folders of them'

  const validate = all
    .command('validate')
    .argument('<file...>', files)
    .description('find every problem with its line, and every example that does not hold')
  does(validate, async () => (await import('../commands/replies-rules.ts')).validateReplyRules)

  const publish = all
    .command('publish')
    .argument('<file...>', files)
    .description('read answers by these rules as well, instead of those published before')
  does(publish, async () => (await import('../commands/replies-rules.ts')).publishReplyRules)
}
