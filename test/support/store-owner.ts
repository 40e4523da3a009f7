// A process that owns a data folder: it opens the store there, inserts row after row, and writes
// the number of each to its standard output once the store has acknowledged it.
import { sql } from 'kysely'
import { openStore } from '../../src/store/connect.ts'

const [dataDir] = process.argv.slice(2)
if (dataDir === undefined) throw new Error('which data folder?')

const store = await openStore({ dataDir })
await sql`create table if not exists marks (n integer primary key)`.execute(store.db)
for (let n = 1; ; n += 1) {
  await store.transaction((trx) => sql`insert into marks values (${n})`.execute(trx))
  process.stdout.write(`${n}\n`)
}
