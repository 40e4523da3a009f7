import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

const root = process.cwd()
const folders: string[] = []

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

describe('the rooms of src/', () => {
  it('keep their arrows', async () => {
    const { code, output } = await checkRooms(root)
    expect(output).toMatch(/rooms: [1-9]\d* modules looked at, 0 violations/)
    expect(code).toBe(0)
  })
})

describe('the check of the rooms', () => {
  it('finds an arrow that goes the wrong way', async () => {
    const project = await projectWith({
      'src/domain/decide.ts': `import { query } from '../store/query.ts'\nexport const a = query`,
      'src/store/query.ts': 'export const query = 1',
    })
    const { code, output } = await checkRooms(project)
    expect(output).toContain('domain-keeps-to-its-arrows')
    expect(code).toBe(1)
  })

  it('lets a workflow have types of activities and nothing else of them', async () => {
    const activity = { 'src/activities/touch.ts': 'export type T = 1\nexport const run = 1' }
    const good = await projectWith({
      ...activity,
      'src/workflows/lead.ts': `import type { T } from '../activities/touch.ts'\nexport const a: T = 1`,
    })
    expect((await checkRooms(good)).code).toBe(0)

    const bad = await projectWith({
      ...activity,
      'src/workflows/lead.ts': `import { run } from '../activities/touch.ts'\nexport const a = run`,
    })
    const { code, output } = await checkRooms(bad)
    expect(output).toContain('workflows-takes-types-only')
    expect(code).toBe(1)
  })

  it('finds I/O in pure code', async () => {
    const project = await projectWith({
      'src/domain/read.ts': `import { readFileSync } from 'node:fs'\nexport const a = readFileSync`,
    })
    const { code, output } = await checkRooms(project)
    expect(output).toContain('pure-code-does-no-io')
    expect(code).toBe(1)
  })

  it('finds a circle', async () => {
    const project = await projectWith({
      'src/store/a.ts': `import { b } from './b.ts'\nexport const a = () => b`,
      'src/store/b.ts': `import { a } from './a.ts'\nexport const b = () => a`,
    })
    const { code, output } = await checkRooms(project)
    expect(output).toContain('no-cycles')
    expect(code).toBe(1)
  })

  it('finds a folder that is no room', async () => {
    const { code, output } = await checkRooms(
      await projectWith({ 'src/attic/old.ts': 'export const a = 1' }),
    )
    expect(output).toContain('in no room: src/attic/old.ts')
    expect(code).toBe(1)
  })

  it('fails when there was nothing to look at', async () => {
    const { code, output } = await checkRooms(await projectWith({ 'src/readme.md': 'empty' }))
    expect(output).toContain('0 modules looked at')
    expect(code).toBe(1)
  })
})

async function projectWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-rooms-'))
  folders.push(folder)
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await symlink(join(root, 'package.json'), join(folder, 'package.json'))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

function checkRooms(project: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const script = join(root, 'scripts/check-rooms.js')
    const child = execFile(process.execPath, [script, project], (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? 1, output: stdout + stderr })
    })
  })
}
