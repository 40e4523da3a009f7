import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { legalWindow } from '../../src/domain/policy/index.ts'
import { instant } from '../../src/domain/time.ts'
import { localTime } from '../../src/domain/time-zones.ts'
import { runCli, temporaryFile } from './run-cli.ts'

interface Event {
  readonly at: string
  readonly kind: string
  readonly [key: string]: unknown
}

interface Story {
  readonly lead: { readonly firstName: string; readonly phone: string; readonly state: string }
  readonly events: readonly Event[]
}

const textsOf = ({ events }: Pick<Story, 'events'>) =>
  events.filter(({ kind, channel }) => kind === 'touch' && channel === 'sms')

it('demo: three leads live through sixty days by the real workflow', async () => {
  const { code, stdout } = await runCli(['demo', '--json'])
  expect(code).toBe(0)
  const stories: Story[] = JSON.parse(stdout)
  expect(stories.map(({ lead }) => lead.firstName)).toEqual(['Ada', 'Ben', 'Cleo'])
  const [ada, ben, cleo] = stories
  if (!ada || !ben || !cleo) throw new Error('there are three stories')

  const died = ada.events.findIndex(({ reason }) => reason === 'unresponsive')
  const visited = ada.events.findIndex(({ signal }) => signal === 'visit')
  const engaged = ada.events.findIndex(({ status }) => status === 'engaged')
  expect(died).toBeGreaterThan(0)
  expect(visited).toBeGreaterThan(died)
  expect(ada.events[visited]?.effect).toContain('welcome-back')
  expect(engaged).toBeGreaterThan(visited)
  const between = ada.events.slice(visited, engaged).filter(({ kind }) => kind === 'touch')
  expect(between).toMatchObject([{ channel: 'email', step: 'hello', state: 'sent' }])

  const answered = ben.events.findIndex(({ signal }) => signal === 'reply')
  expect(answered).toBeGreaterThan(0)
  expect(ben.events.slice(answered).filter(({ kind }) => kind === 'touch')).toEqual([])

  const stopped = cleo.events.findIndex(({ signal }) => signal === 'opt_out')
  expect(stopped).toBeGreaterThan(0)
  const after = cleo.events.slice(stopped)
  expect(textsOf({ events: after })).toEqual([])
  expect(after.filter(({ kind }) => kind === 'touch').length).toBeGreaterThan(0)
  expect(after.filter(({ kind }) => kind === 'dropped').length).toBeGreaterThan(0)

  for (const { lead, events } of stories) {
    for (const { at } of textsOf({ events })) {
      const place = {
        phone: { value: lead.phone, validity: 'unknown', invalidBecause: null },
        state: lead.state,
        zip: null,
        timezone: null,
      } as const
      expect(legalWindow(place, 'sms', instant(Date.parse(at)))).toMatchObject({ allowed: true })
    }
  }
})

it('rehearse: leads go through one cadence, with the reasons, as previewed', async () => {
  const leads = '- { firstName: Ada, email: ada@example.com }\n- { email: ben@example.com }\n'
  const lead = await temporaryFile('leads.yaml', leads)
  const { code, stdout } = await runCli([
    ...['rehearse', 'cadences/welcome-back.yaml', '--lead', lead],
    ...['--days', '20', '--dead', 'competitor', '--compare'],
  ])
  expect(code).toBe(0)
  expect(stdout).toContain('How have things worked out, Ada?')
  expect(stdout).toContain('within the preferred hours')
  expect(stdout).toContain('dead (competitor)')
  expect(stdout.split('The preview says the same, touch by touch.')).toHaveLength(3)
})

it('rehearse: goes by the company’s own settings', async () => {
  const shipped = readFileSync('cadences/welcome-back.yaml', 'utf8')
  const cadence = await temporaryFile('patient.yaml', shipped.replace(/^hours: .*\n/m, ''))
  const lead = await temporaryFile('ada.yaml', 'email: ada@example.com\n')
  const settings = await temporaryFile(
    'settings.yaml',
    'company: { timezone: America/Chicago }\npreferredHours: { from: "14:00", to: "15:00" }\n',
  )
  const { code, stdout } = await runCli([
    ...['rehearse', cadence, '--lead', lead, '--settings', settings],
    ...['--days', '20', '--dead', 'competitor', '--compare', '--json'],
  ])
  expect(code, stdout).toBe(0)
  const { events, disagreements }: Story & { disagreements: unknown } = JSON.parse(stdout)
  const sent = events.filter(({ kind }) => kind === 'touch')
  expect(sent.length).toBeGreaterThan(1)
  for (const { at } of sent) {
    expect(localTime(instant(Date.parse(at)), 'America/Chicago').hour).toBe(14)
  }
  expect(disagreements).toEqual([])
})

it('rehearse: says what is wrong before it starts anything', async () => {
  const lead = await temporaryFile('ada.json', '{"firstNam": "Ada", "email": "ada@example.com"}')
  const wrongLead = await runCli(['rehearse', 'new-lead', '--lead', lead, '--days', '3'])
  expect(wrongLead.code).toBe(1)
  expect(wrongLead.stderr).toContain('Did you mean "firstName"?')
  const wrongName = await runCli(['rehearse', 'nwe-lead', '--lead', lead, '--days', '3'])
  expect(wrongName.code).not.toBe(0)
  const wrongDays = await runCli(['rehearse', 'new-lead', '--lead', lead, '--days', '-3'])
  expect(wrongDays.code).toBe(2)
})
