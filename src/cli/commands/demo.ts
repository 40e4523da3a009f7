import { labRules } from '../../local/lab.ts'
import { live } from '../demo/play.ts'
import { DEMO_DAYS, SAMPLES, type Sample } from '../demo/samples.ts'
import { EXIT, type Exit } from '../exit.ts'
import { inLab } from '../story/quiet-lab.ts'
import { readStory, type Story } from '../story/read-story.ts'
import { storyJson } from '../story/story-json.ts'
import { tellStory } from '../story/tell-story.ts'
import type { Terminal } from '../terminal.ts'

/**
 * `rekindle demo`: three sample leads live through sixty days in virtual time, by the real
 * workflow on a private server. Nothing leaves the machine and nothing stays.
 */
export async function demo(terminal: Terminal): Promise<Exit> {
  terminal.note('Starting a private Temporal server and a database in memory …')
  const began = performance.now()
  const stories = await inLab(terminal, {}, async (lab) => {
    terminal.note(`${SAMPLES.length} leads live through ${DEMO_DAYS} days …`)
    const { store } = lab.intake
    const { company } = await labRules(store)
    return Promise.all(
      SAMPLES.map(async (sample) => {
        const leadId = await live(lab, sample, DEMO_DAYS)
        return { sample, story: await readStory(store.db, leadId, company.timezone) }
      }),
    )
  })
  terminal.answer(stories.map(({ sample, story }) => ({ ...sample, ...storyJson(story) })))
  for (const { sample, story } of stories) tell(terminal, sample, story)
  const seconds = ((performance.now() - began) / 1_000).toFixed(0)
  terminal.say()
  terminal.say(
    `${DEMO_DAYS} days in ${seconds} seconds, by the workflow that runs in production. Nothing was sent.`,
  )
  terminal.say('Now with your own eyes and in the browser: npm start')
  return EXIT.ok
}

function tell(terminal: Terminal, { title, lead }: Sample, story: Story): void {
  terminal.say()
  terminal.say(terminal.paint('bold', title))
  terminal.say(`  ${lead.email}, ${lead.phone}; times of ${story.zone}`)
  tellStory(terminal, story, { reasons: false, texts: false })
}
