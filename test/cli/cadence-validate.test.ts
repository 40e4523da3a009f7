import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runCli, temporaryFile, temporaryFolder } from './run-cli.ts'

it('finds the shipped cadences valid, file by file and as a folder', async () => {
  const byFile = await runCli([
    'cadence',
    'validate',
    'cadences/new-lead.yaml',
    'cadences/welcome-back.yaml',
  ])
  expect(byFile).toMatchObject({ code: 0, stderr: '' })
  expect(byFile.stdout).toContain(
    'cadences/new-lead.yaml: the cadence "new-lead" is valid, 9 steps',
  )

  const { code, stdout } = await runCli(['cadence', 'validate', '.', '--json'])
  const answer = JSON.parse(stdout)
  expect(code).toBe(0)
  expect(answer).toMatchObject({ valid: true, problems: [] })
  expect(answer.cadences.map(({ name }: { name: string }) => name)).toContain('check-in')
})

it('tells every problem with file, line, column and what to write instead', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'cadences'))
  const file = join(folder, 'cadences/hello.yaml')
  await writeFile(
    file,
    [
      'name: hello',
      'title: Hello',
      'purpose: nurture',
      'end: { dead: unresponsive }',
      'steps:',
      '  - id: one',
      '    emial: hello/one',
      '  - id: two',
      '    email: hello/two',
      '',
    ].join('\n'),
  )
  const { code, stdout } = await runCli(['cadence', 'validate', file])
  expect(code).toBe(1)
  expect(stdout).toContain(`${file}:7:5: "emial" is not a key of a step. Did you mean "email"?`)
  expect(stdout).toContain(`${file}:9:12: There is no email template "hello/two".`)
  expect(stdout).toContain('2 problems found.')

  const json = JSON.parse((await runCli(['cadence', 'validate', file, '--json'])).stdout)
  expect(json).toMatchObject({
    valid: false,
    problems: [
      { file, line: 7, column: 5, code: 'unknown_key', fix: 'Did you mean "email"?' },
      { file, line: 9, column: 12, code: 'unknown_template' },
    ],
  })
})

it('finds a problem in a template of the folder', async () => {
  const folder = await temporaryFolder()
  await cp('cadences', join(folder, 'cadences'), { recursive: true })
  await cp('templates', join(folder, 'templates'), { recursive: true })
  const template = join(folder, 'templates/new-lead/still-here.md')
  await writeFile(template, `${await readFile(template, 'utf8')}\n{{ lead.fristName }}\n`)
  const { code, stdout } = await runCli(['cadence', 'validate', folder])
  expect(code).toBe(1)
  expect(stdout).toContain(template)
  expect(stdout).toContain('firstName')
})

it('checks a file outside a cadences folder without its templates, and says so', async () => {
  const text = await readFile('cadences/new-lead.yaml', 'utf8')
  const { code, stderr } = await runCli([
    'cadence',
    'validate',
    await temporaryFile('mine.yaml', text),
  ])
  expect(code).toBe(0)
  expect(stderr).toContain('its templates were not looked for')
})

it('takes a path that is not there as wrong usage', async () => {
  const { code, stderr } = await runCli(['cadence', 'validate', 'cadences/no-such.yaml'])
  expect(code).toBe(2)
  expect(stderr).toContain('There is no file "cadences/no-such.yaml"')
})

it('warns of what is hardly meant, and fails on it only when asked to', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'cadences'))
  await mkdir(join(folder, 'templates/hello'), { recursive: true })
  await writeFile(
    join(folder, 'templates/hello/one.md'),
    '---\nsubject: Hi\n---\nThe sun is shining.\n',
  )
  const file = join(folder, 'cadences/hello.yaml')
  await writeFile(
    file,
    'name: hello\ntitle: Hello\npurpose: nurture\nsteps:\n  - id: one\n    email: hello/one\nend: { dead: unresponsive }\n',
  )
  const { code, stdout } = await runCli(['cadence', 'validate', file])
  expect(code).toBe(0)
  expect(stdout).toContain(
    `${file}:6:12: warning: templates/hello/one.md asks its reader for nothing.`,
  )
  expect(await runCli(['cadence', 'validate', file, '--strict'])).toMatchObject({ code: 1 })
  const json = JSON.parse((await runCli(['cadence', 'validate', file, '--json'])).stdout)
  expect(json).toMatchObject({
    valid: true,
    warnings: [{ code: 'no_call_to_action', cadence: 'hello', step: 'one', line: 6 }],
  })
})

it('ships no cadence that it would warn about, but for the one that has no consent to text', async () => {
  const { code, stdout } = await runCli(['cadence', 'validate', '.', '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout).warnings).toMatchObject([
    { code: 'one_channel', cadence: 'purchased-lead' },
  ])
})

it('prints the schema that editors complete by', async () => {
  const { code, stdout } = await runCli(['cadence', 'schema'])
  expect(code).toBe(0)
  const schema = JSON.parse(stdout)
  expect(Object.keys(schema.properties)).toEqual(
    expect.arrayContaining(['name', 'steps', 'throttle', 'on-reply', 'revival', 'days']),
  )
  expect(schema.properties.throttle.description).toContain('200/d')
})
