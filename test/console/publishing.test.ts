import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { initFolder } from '../../src/cli/commands/init.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { engineRules } from '../../src/domain/company/company.ts'
import { instant } from '../../src/domain/time.ts'
import { workPublications } from '../../src/leads/publishing/publications.ts'
import {
  type CompanyFolder,
  type FolderState,
  openCompanyFolder,
} from '../../src/local/company-folder.ts'
import { readSettings } from '../../src/store/company/settings.ts'
import { until } from '../support/until.ts'
import { type ConsoleLab, openConsole, Visitor } from './setup.ts'

const quiet = { say: () => {}, answer: () => {}, note: () => {} } as unknown as Terminal

describe('a company’s folder and its drafts', () => {
  const root = mkdtempSync(join(tmpdir(), 'rekindle-folder-'))
  const cadence = join(root, 'cadences/new-lead.yaml')
  const seen: FolderState[] = []
  let folder: CompanyFolder | null = null
  let lab: ConsoleLab
  let visitor: Visitor

  beforeAll(async () => {
    await initFolder(quiet, [root])
    const late: CompanyFolder = {
      read: () => {
        if (folder === null) throw new Error('it is open')
        return folder.read()
      },
      close: () => folder?.close(),
    }
    lab = await openConsole({ folder: late })
    folder = openCompanyFolder(root, lab.store, (state) => void seen.push(state))
    visitor = new Visitor(lab.app)
    await visitor.logIn(lab.key.key)
  })
  afterAll(async () => {
    folder?.close()
    await lab.close()
    rmSync(root, { recursive: true, force: true })
  })
  const page = async (path: string) => (await visitor.get(path)).text()

  it('stands as published at first, and can be made again without harm', async () => {
    expect(await page('/cadences')).toContain('No file differs from what is published.')
    writeFileSync(join(root, 'README.md'), 'ours')
    await initFolder(quiet, [root])
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toBe('ours')
  })

  it('shows a mistake with its line at once, and publishes nothing of it', async () => {
    const text = readFileSync(cadence, 'utf8')
    writeFileSync(cadence, text.replace('title:', 'tilte:'))
    await until(() => seen.some(({ problems }) => problems.length > 0), { what: 'the change' })
    const html = await page('/cadences')
    expect(html).toMatch(/cadences\/new-lead\.yaml:\d+:\d+/)
    expect(html).not.toContain('Publish all drafts')
    writeFileSync(cadence, text)
  })

  it('publishes a draft through the dialogue, and moves who is under way', async () => {
    const lead = await lab.addLead(
      { email: 'ada@draft.example', source: 'web' },
      { cadence: 'new-lead' },
    )
    const text = readFileSync(cadence, 'utf8')
    writeFileSync(cadence, text.replace(/^title:.*$/m, 'title: A new title'))
    expect(await page('/cadences')).toContain('file differs from published version 1')
    const dialogue = await page('/publish?cadence=new-lead')
    expect(dialogue).toContain('1 lead is under way in other versions')
    expect(dialogue).toContain('“A new title”')
    const response = await visitor.post('/publish', {
      cadence: 'new-lead',
      expect: '{"new-lead":1}',
      policy: 'move',
    })
    const to = response.headers.get('Location') ?? ''
    expect(to).toMatch(/^\/publications\//)
    expect(await page(to)).toContain('0 of 1 lead moved: running')
    const intake = { store: lab.store, doorbell: lab.doorbell, now: () => instant(Date.now()) }
    const rules = engineRules(await readSettings(lab.store.db))
    await workPublications(intake, rules, { limit: 10, restMs: 0 })
    expect(await page(to)).toContain('1 of 1 lead moved: done')
    const versions = await page('/cadences/new-lead/versions')
    expect(versions).toContain('The title is “A new title”')
    expect(versions).toContain('console:first key')

    const form = { step: 'first-reply', to: 'me@acme.example' }
    await visitor.post('/cadences/new-lead/test-send', form)
    expect(await page('/cadences/new-lead/versions')).toContain(
      'A test never goes to somebody else',
    )
    await visitor.post('/cadences/new-lead/test-send', { ...form, mine: 'yes' })
    expect(await page('/cadences/new-lead/versions')).toContain('The test leaves within seconds.')
    const tests = await lab.store.db.selectFrom('test_sends').select(['step_id', 'state']).execute()
    expect(tests).toEqual([{ step_id: 'first-reply', state: 'due' }])
    expect(await page(`/leads/${lead}`)).toContain('moved to version 2 of new-lead')
    const results = await page('/cadences/results')
    expect(results).toContain('new-lead, version 2')

    // What was decided about another version is refused.
    const again = await visitor.post('/publish', {
      cadence: 'new-lead',
      version: '1',
      expect: '{"new-lead":1}',
    })
    expect(again.headers.get('Location')).toBe('/cadences')
    expect(await page('/cadences')).toContain('was published meanwhile')
  })
})
