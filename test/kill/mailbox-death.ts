import { connect, createServer, type Server, type Socket } from 'node:net'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS, engineRules } from '../../src/domain/company/company.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { instant } from '../../src/domain/time.ts'
import { upsertLead } from '../../src/leads/incoming/upsert.ts'
import { leaveMailbox } from '../../src/store/channels/mailboxes.ts'
import { openStore, type Store } from '../../src/store/connect.ts'
import type { Executor } from '../../src/store/executor.ts'
import { hashKeysFrom } from '../../src/store/hash-key.ts'
import { migrate } from '../../src/store/migrate.ts'
import { noDovecot, startMailbox } from '../support/dovecot.ts'
import { createDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { postgres } from './postgres.ts'
import { type OurProcess, startProcess } from './rig.ts'

const HASH_KEY = '7'.repeat(64)
const NAME = 'the box'
const PEOPLE = ['ada', 'bob', 'cy']

describe.skipIf(postgres === null || noDovecot() !== null).concurrent('a killed reader', () => {
  it('of a mailbox loses no answer, and none acts twice, wherever it is killed', async () => {
    if (postgres === null) return
    const database = await createDatabase(postgres.url)
    const store = await openStore({ databaseUrl: database.url })
    await migrate(store)
    const leads = await Promise.all(PEOPLE.map((name) => addLead(store, name)))
    const box = await startMailbox()
    const gate = await openGate(box.imap.port)
    const read = (reader: string): OurProcess =>
      startProcess(
        [
          'test/kill/mailbox-reader.ts',
          JSON.stringify({
            databaseUrl: database.url,
            hashKey: HASH_KEY,
            imap: { ...box.imap, port: gate.port },
            name: NAME,
            reader,
          }),
        ],
        {},
      )
    /** Kills it; a minute later, which is not waited for here, another may read. */
    const kill = async (killed: OurProcess, reader: string) => {
      await killed.kill()
      await leaveMailbox(store.db, NAME, reader)
    }

    const one = read('one')
    await one.says('read 0')
    // Its work is done and the cursor moved, but the mail is not marked.
    const marking = gate.hold(/ STORE /)
    for (const name of PEOPLE) await box.deliver(answerOf(name))
    await marking
    expect(await repliesOf(store.db, leads)).toEqual([1, 0, 0])
    await kill(one, 'one')

    // Its work is done, and the cursor has not moved.
    const fetching = gate.hold(/ FETCH /)
    const two = read('two')
    await fetching
    await store.transaction(async (trx) => {
      await sql`select 1 from mailboxes where name = ${NAME} for update`.execute(trx)
      gate.open()
      await until(async () => (await repliesOf(trx, leads))[1] === 1, { what: 'the second' })
      await two.kill()
    })
    await leaveMailbox(store.db, NAME, 'two')

    // In the middle of its work.
    const last = leads[2]
    const again = gate.hold(/ FETCH /)
    const three = read('three')
    await again
    await store.transaction(async (trx) => {
      await sql`select 1 from leads where id = ${last} for update`.execute(trx)
      gate.open()
      await until(() => someoneWaits(trx), { what: 'a reader that waits' })
      await three.kill()
    })
    await until(async () => !(await someoneWaits(store.db)), { what: 'the end of its session' })
    await leaveMailbox(store.db, NAME, 'three')
    expect(await repliesOf(store.db, leads)).toEqual([1, 1, 0])

    const four = read('four')
    await until(async () => (await repliesOf(store.db, leads))[2] === 1, { what: 'the last' })
    await four.says('read 0')
    expect(await repliesOf(store.db, leads)).toEqual([1, 1, 1])
    await four.kill()
    await gate.close()
    await box.close()
    await store.close()
    await database.drop()
  }, 240_000)
})

async function addLead(store: Store, name: string): Promise<LeadId> {
  const receivedAt = instant(Date.now())
  const upserted = await store.transaction((trx) =>
    upsertLead(
      trx,
      {
        lead: { firstName: name, email: `${name}@example.com`, source: 'webform' },
        consents: [],
        cadence: null,
        form: false,
        visitorId: null,
        dead: null,
      },
      {
        hashKeys: hashKeysFrom(HASH_KEY),
        rules: engineRules(DEFAULT_SETTINGS),
        via: 'test',
        receivedAt,
        begunBy: 'api',
        eventId: null,
      },
    ),
  )
  return upserted.lead.id
}

const answerOf = (name: string) =>
  `From: ${name}@example.com\nTo: hello@acme.example\nSubject: Re: Hello\nMessage-ID: <${name}-1@example.com>\n\nPlease call me tomorrow.\n`

/** How many answers each lead has on record. */
async function repliesOf(executor: Executor, leads: readonly LeadId[]): Promise<readonly number[]> {
  const rows = await executor
    .selectFrom('signals')
    .select('lead_id')
    .where('kind', '=', 'reply')
    .execute()
  return leads.map((lead) => rows.filter(({ lead_id }) => lead_id === lead).length)
}

async function someoneWaits(executor: Executor): Promise<boolean> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(executor)
  return (rows[0]?.n ?? 0) > 0
}

interface Gate {
  readonly port: number
  /** Lets nothing through any more from the first command like this on; resolves when it came. */
  hold(command: RegExp): Promise<void>
  /** Lets through what was held back, and all that follows. */
  open(): void
  close(): Promise<void>
}

/** A way to a server on this machine on which commands can be held back. */
async function openGate(to: number): Promise<Gate> {
  let held: { command: RegExp; came: () => void; back: (() => void)[]; shut: boolean } | null = null
  const sockets = new Set<Socket>()
  const pass = (data: Buffer, upstream: Socket) => {
    const write = () => void upstream.write(data)
    if (held === null || !(held.shut || held.command.test(data.toString('latin1')))) return write()
    held.back.push(write)
    if (!held.shut) held.came()
    held.shut = true
  }
  const server: Server = createServer((socket) => {
    const upstream = connect(to, '127.0.0.1')
    for (const end of [socket, upstream]) {
      sockets.add(end)
      end.on('error', () => end.destroy())
    }
    socket.on('data', (data) => pass(data, upstream))
    upstream.pipe(socket)
    socket.on('close', () => upstream.destroy())
    upstream.on('close', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it has no port')
  return {
    port: address.port,
    hold: (command) =>
      new Promise((resolve) => {
        held = { command, came: resolve, back: [], shut: false }
      }),
    open: () => {
      const back = held?.back ?? []
      held = null
      for (const write of back) write()
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
