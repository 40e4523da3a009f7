// What dies or stands still around the workers: the Temporal server, a whole `npm start`, clocks,
// the reader of a mailbox.
// These suites mostly wait, so they wait side by side, in one file.
import { afterAll } from 'vitest'
import './clocks.ts'
import './mailbox-death.ts'
import { postgres } from './postgres.ts'
import { endProcesses } from './rig.ts'
import './start-death.ts'
import './temporal-death.ts'

afterAll(async () => {
  await endProcesses()
  await postgres?.stop()
})
