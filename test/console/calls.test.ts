import { afterAll, beforeAll, expect, it } from 'vitest'
import { instant } from '../../src/domain/time.ts'
import { addTask } from '../../src/store/work/tasks.ts'
import { type ConsoleLab, openConsole, Visitor } from './setup.ts'

const NOON = instant(Date.parse('2026-11-24T17:00:00Z'))
const NIGHT = instant(Date.parse('2026-11-25T04:00:00Z'))

let lab: ConsoleLab
let visitor: Visitor
let now = NOON
beforeAll(async () => {
  lab = await openConsole({ now: () => now })
  visitor = new Visitor(lab.app)
  await visitor.logIn(lab.key.key)
})
afterAll(() => lab.close())

const page = async (path: string) => (await visitor.get(path)).text()
const tasks = () => lab.store.db.selectFrom('tasks').selectAll().orderBy('created_at').execute()
const calls = () => lab.store.db.selectFrom('calls').selectAll().execute()

it('asks again when a person takes up the phone, says why, and counts the call', async () => {
  const leadId = await lab.addLead({ firstName: 'Ada', phone: '+12125550142' })
  const task = { leadId, because: 'asked for it', assignee: null, dueAt: null, at: now }
  await addTask(lab.store.db, { ...task, kind: 'call', title: 'Call Ada' })
  const [call] = await tasks()
  if (call === undefined) throw new Error('a task was given')

  now = NIGHT
  const shown = await page(`/leads/${leadId}`)
  expect(shown).toContain('I call now')
  expect(shown).toMatch(/not now<\/span>: Not now\. It is 23:00 New York/)
  await visitor.post(`/tasks/${call.id}/call`, { back: `/leads/${leadId}` })
  expect(await page(`/leads/${leadId}`)).toMatch(
    /class="said bad" role="status"><p>Not now\. It is 23:00 New York/,
  )
  expect(await calls()).toEqual([])

  now = NOON
  await visitor.post(`/tasks/${call.id}/call`, { back: '/tasks' })
  expect(await page('/tasks')).toContain('Yes, now. It is 12:00 New York')
  expect(await calls()).toMatchObject([{ task_id: call.id, by: 'console:first key' }])
  await visitor.post(`/tasks/${call.id}/done`, { back: '/tasks' })
  expect(await page('/tasks')).toContain('The task is done.')
  expect(await calls()).toHaveLength(1)
  expect(await page(`/leads/${leadId}`)).toContain('<strong>call</strong> was allowed')
})

it('closes one that came to no call, and says so of one that was not allowed', async () => {
  const leadId = await lab.addLead({ firstName: 'Bo', phone: '+12125550143' })
  const task = { leadId, because: 'asked for it', assignee: null, dueAt: null, at: now }
  for (const title of ['one', 'two']) {
    await addTask(lab.store.db, { ...task, kind: 'voicemail', title })
  }
  const [one, two] = (await tasks()).filter(({ lead_id }) => lead_id === leadId)
  const before = (await calls()).length
  await visitor.post(`/tasks/${one?.id}/done`, { back: '/tasks', called: 'no' })
  expect(await calls()).toHaveLength(before)
  now = NIGHT
  await visitor.post(`/tasks/${two?.id}/done`, { back: '/tasks' })
  expect(await page('/tasks')).toContain('The task is done, and the call was not allowed. Not now.')
  expect(await calls()).toHaveLength(before + 1)
})
