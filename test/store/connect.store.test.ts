import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { openStore } from '../../src/store/connect.ts'
import { forEachStore } from '../support/stores.ts'

forEachStore((kind, open) => {
  it('answers, migrated', async () => {
    const store = await open()
    expect(store.kind).toBe(kind)
    expect(await store.db.selectFrom('leads').selectAll().execute()).toEqual([])
  })

  it('reads every type alike', async () => {
    const { db } = await open()
    const { rows } = await sql<Record<string, unknown>>`
      select
        9007199254740991::int8 as big, '{1,2}'::int8[] as bigs, 7::int4 as int, 1.5::float8 as float,
        '2026-03-08 07:30:00.123+00'::timestamptz as at, '{"2026-03-08 01:00:00-05"}'::timestamptz[] as ats,
        '1883-11-18 12:00:00+05:30'::timestamptz as long_ago,
        '2026-03-08'::date as day, '2026-03-08 02:30:00'::timestamp as wall, 12.50::numeric as money,
        '{"a":[1,null,"x"]}'::jsonb as doc, '[1,2]'::json as list, 'null'::jsonb as json_null,
        array['{"a":1}'::jsonb] as docs,
        true as yes, false as no, null::boolean as unknown,
        array['a b','c','',null,'q"\\,{}','NULL'] as words, '{}'::text[] as none,
        array[true,false] as flags, '\\x01ff'::bytea as bytes,
        'da4cbbf7-6177-4982-837b-c356a48cef90'::uuid as id`.execute(db)
    const row = rows[0]
    expect(Buffer.isBuffer(row?.['bytes'])).toBe(true)
    expect({ ...row, bytes: undefined }).toEqual({
      big: 9007199254740991,
      bigs: [1, 2],
      int: 7,
      float: 1.5,
      at: Date.UTC(2026, 2, 8, 7, 30, 0, 123),
      ats: [Date.UTC(2026, 2, 8, 6)],
      long_ago: Date.UTC(1883, 10, 18, 6, 30),
      day: '2026-03-08',
      wall: '2026-03-08 02:30:00',
      money: '12.50',
      doc: { a: [1, null, 'x'] },
      list: [1, 2],
      json_null: null,
      docs: [{ a: 1 }],
      yes: true,
      no: false,
      unknown: null,
      words: ['a b', 'c', '', null, 'q"\\,{}', 'NULL'],
      none: [],
      flags: [true, false],
      bytes: undefined,
      id: 'da4cbbf7-6177-4982-837b-c356a48cef90',
    })
  })

  it('refuses an integer that a number cannot hold', async () => {
    const { db } = await open()
    await expect(sql`select 9007199254740993::int8`.execute(db)).rejects.toThrow(RangeError)
  })

  it('writes and reads back the JSON, arrays and instants of a row', async () => {
    const { db } = await open()
    await sql`create table things (doc jsonb, words text[], at bigint, due timestamptz)`.execute(db)
    const at = Date.UTC(2026, 10, 1, 6, 30)
    await sql`insert into things values (
      ${JSON.stringify({ a: ['b'] })}, ${['x y', null]}, ${at}, ${new Date(at)})`.execute(db)
    const { rows } = await sql`select * from things`.execute(db)
    expect(rows).toEqual([{ doc: { a: ['b'] }, words: ['x y', null], at, due: at }])
  })
})

it.each(['', 'not a url', 'mysql://localhost/db', '/var/lib/db'])(
  'refuses %j as a database URL',
  async (databaseUrl) => {
    await expect(openStore({ databaseUrl })).rejects.toMatchObject({ code: 'database_url_invalid' })
  },
)

it('says that a database does not answer, without its password', async () => {
  const opening = openStore({ databaseUrl: 'postgres://ada:secret-word@127.0.0.1:1/db' })
  await expect(opening).rejects.toMatchObject({
    code: 'database_unreachable',
    message: expect.stringContaining('127.0.0.1:1'),
  })
  await expect(opening).rejects.not.toThrow('secret-word')
})
