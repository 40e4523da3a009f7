import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { cadenceJsonSchema } from '../../domain/cadence/file/parse.ts'
import { COMPANY_FILE, SHIPPED_FOLDER } from '../../local/folder.ts'
import { EXIT, type Exit } from '../exit.ts'
import { usageError } from '../problem.ts'
import type { Terminal } from '../terminal.ts'

/**
 * `rekindle init DIR`: the company's own folder, for git: cadences and templates to begin with, the
 * company's settings, an example of the environment, and what editors need. What is there already
 * is left as it is.
 */
export async function initFolder(
  terminal: Terminal,
  [named = '']: readonly string[],
): Promise<Exit> {
  const folder = resolve(named)
  if (folder === resolve(SHIPPED_FOLDER)) {
    throw usageError('This is the folder of Rekindle itself.', 'Name another one.')
  }
  mkdirSync(folder, { recursive: true })
  const written: string[] = []
  const kept: string[] = []
  for (const name of ['cadences', 'templates']) {
    copyMissing(join(SHIPPED_FOLDER, name), join(folder, name), folder, written, kept)
  }
  for (const [path, text] of Object.entries(OWN_FILES())) {
    const target = join(folder, path)
    if (existsSync(target)) {
      kept.push(path)
      continue
    }
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text)
    written.push(path)
  }
  terminal.answer({ folder, written, kept })
  for (const path of written.filter((each) => !/^(cadences|templates)\//.test(each))) {
    terminal.say(`${path}: written`)
  }
  const count = (kind: string) => written.filter((each) => each.startsWith(`${kind}/`)).length
  terminal.say(`cadences/: ${count('cadences')} files, templates/: ${count('templates')} files`)
  if (kept.length > 0)
    terminal.say(`${kept.length} files were there already, and are as they were.`)
  terminal.say(
    `Next: fill in ${join(named, COMPANY_FILE)}, then run \`rekindle start\` in ${named}.`,
  )
  return EXIT.ok
}

function copyMissing(
  from: string,
  to: string,
  folder: string,
  written: string[],
  kept: string[],
): void {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue
    const source = join(entry.parentPath, entry.name)
    const target = join(to, relative(from, source))
    const there = existsSync(target)
    if (!there) cpSync(source, target)
    const list = there ? kept : written
    list.push(relative(folder, target))
  }
}

function OWN_FILES(): Readonly<Record<string, string>> {
  return {
    [COMPANY_FILE]: COMPANY,
    '.env.example': ENV,
    '.gitignore': '.env\n.rekindle/\n',
    '.gitattributes': '* text=auto eol=lf\n',
    'README.md': README,
    'schema/cadence.schema.json': `${JSON.stringify(cadenceJsonSchema(), null, 2)}\n`,
    '.vscode/settings.json': `${JSON.stringify(EDITOR, null, 2)}\n`,
  }
}

const EDITOR = { 'yaml.schemas': { './schema/cadence.schema.json': ['cadences/*.yaml'] } }

const COMPANY = `# Who writes to your leads, and by which rules: what PATCH /v1/settings takes.
# The first start takes it over; after that: rekindle settings apply ${COMPANY_FILE}
company:
  name: Acme Example, Inc.            # the legal name, in the footer of every email
  brand: Acme Example                 # what people call you
  postalAddress: 1 Example Street, New York, NY 10001
  website: https://acme.example
  timezone: America/New_York
  from: { name: Acme Example, email: hello@acme.example }

# The cadence of a lead that names none.
defaultCadence: new-lead
`

const ENV = `# Copy to .env: rekindle reads it when it is run in this folder. Nothing in here is needed for a
# first start: without it nothing leaves the machine.

# catch (nothing leaves), allowlist, or live
#OUTBOUND=catch
#OUTBOUND_ALLOWLIST=me@acme.example,acme.example

# Where rows live: a Postgres server, or a folder of this machine
#DATABASE_URL=postgres://rekindle:secret@db.internal/rekindle
#REKINDLE_DATA_DIR=.rekindle
#TEMPORAL_ADDRESS=temporal.internal:7233

# Email and texts
#SMTP_URL=smtps://user:password@smtp.example:465
#TWILIO_ACCOUNT_SID=
#TWILIO_AUTH_TOKEN=
#TWILIO_MESSAGING_SERVICE_SID=
#PUBLIC_URL=https://links.acme.example
`

const README = `# Our cadences

Cadences, their messages and the settings of our company, for Rekindle.

| what | where |
|---|---|
| cadences, one file each | \`cadences/\` |
| emails and texts | \`templates/\` |
| who we are, and our rules | \`${COMPANY_FILE}\` |
| environment and secrets, not in git | \`.env\`, from \`.env.example\` |

\`\`\`
rekindle start                          # a changed file shows up at once as a draft in the console
rekindle cadence validate .             # every mistake, with its line and what to write instead
rekindle cadence status                 # how these files stand to what is published
rekindle cadence diff cadences/new-lead.yaml
rekindle cadence publish                # says what becomes of the leads under way, and asks
rekindle cadence pull new-lead          # what is published, back into files
\`\`\`

What is published is the truth; these files are how it is changed, reviewed and kept. Editors that
read \`.vscode/settings.json\` complete and check cadences by \`schema/cadence.schema.json\`; for others
put \`# yaml-language-server: $schema=../schema/cadence.schema.json\` on a cadence's first line.
`
