import type { Migration } from '../migrate.ts'
import { up as foundation } from './0000-foundation.ts'
import { up as spine } from './0001-spine.ts'
import { up as messages } from './0002-messages.ts'
import { up as capsAndStops } from './0003-caps-and-stops.ts'
import { up as replies } from './0004-replies.ts'
import { up as emailIn } from './0005-email-in.ts'
import { up as emailOut } from './0006-email-out.ts'
import { up as channelsLive } from './0007-channels-live.ts'
import { up as indexes } from './0008-indexes.ts'
import { up as consent } from './0009-consent.ts'
import { up as notices } from './0010-notices.ts'
import { up as steps } from './0011-steps.ts'
import { up as cadenceRules } from './0012-cadence-rules.ts'
import { up as publishing } from './0013-publishing.ts'
import { up as operations } from './0014-operations.ts'
import { up as library } from './0015-library.ts'
import { up as calls } from './0016-calls.ts'
import { up as channelsTold } from './0017-channels-told.ts'
import { up as testSends } from './0018-test-sends.ts'

/** Every migration by name; they run in the order of their names, once each, forwards only. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0000-foundation': { up: foundation },
  '0001-spine': { up: spine },
  '0002-messages': { up: messages },
  '0003-caps-and-stops': { up: capsAndStops },
  '0004-replies': { up: replies },
  '0005-email-in': { up: emailIn },
  '0006-email-out': { up: emailOut },
  '0007-channels-live': { up: channelsLive },
  '0008-indexes': { up: indexes },
  '0009-consent': { up: consent },
  '0010-notices': { up: notices },
  '0011-steps': { up: steps },
  '0012-cadence-rules': { up: cadenceRules },
  '0013-publishing': { up: publishing },
  '0014-operations': { up: operations },
  '0015-library': { up: library },
  '0016-calls': { up: calls },
  '0017-channels-told': { up: channelsTold },
  '0018-test-sends': { up: testSends },
}
