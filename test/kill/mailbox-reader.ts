// A reader of a mailbox for kill tests: the real one, on a real store, again and again.
//
//   mailbox-reader.ts '{"databaseUrl": "…", "hashKey": "…", "imap": {…}, "name": "box", "reader": "a"}'
//
// Prints "read <how many>" after each look.
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { ImapConfig } from '../../src/channels/email/imap.ts'
import { instant } from '../../src/domain/time.ts'
import { openStore } from '../../src/store/connect.ts'
import { hashKeysFrom } from '../../src/store/hash-key.ts'
import { derivedKey } from '../../src/wiring/keys.ts'
import { readMailbox } from '../../src/wiring/mailbox.ts'

const options = z
  .object({
    databaseUrl: z.string(),
    hashKey: z.string(),
    imap: z.custom<ImapConfig>(),
    name: z.string(),
    reader: z.string(),
  })
  .parse(JSON.parse(process.argv[2] ?? '{}'))

const hashKeys = hashKeysFrom(options.hashKey)
const intake = {
  store: await openStore({ databaseUrl: options.databaseUrl }),
  hashKeys,
  ledgerKey: derivedKey(hashKeys, 'ledger'),
  doorbell: { ring: () => {}, healthy: true, settle: async () => {} },
  now: () => instant(Date.now()),
}
const { imap, name, reader } = options
for (;;) {
  const taken = await readMailbox({ intake, imap, name, reader })
  process.stdout.write(`read ${taken}\n`)
  await sleep(100)
}
