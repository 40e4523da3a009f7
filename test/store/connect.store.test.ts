import { sql } from 'kysely'
import { expect, it } from 'vitest'
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
})
