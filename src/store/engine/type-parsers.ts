/**
 * How a column's text becomes a value, the same on both drivers. Instants are epoch
 * milliseconds, `bigint` is a number (refused beyond 2^53), `numeric`, `date` and zoneless
 * timestamps stay text, JSON is what it says.
 */
type Parser = (text: string) => unknown

/** Type ids are fixed in Postgres' catalogue (src/include/catalog/pg_type.dat). */
const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  json: 114,
  float4: 700,
  float8: 701,
  varchar: 1043,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
} as const

const asText: Parser = (text) => text

const scalarParsers: Record<number, Parser> = {
  [OID.bool]: (text) => text === 't',
  [OID.bytea]: (text) => Buffer.from(text.slice(2), 'hex'),
  [OID.int8]: parseSafeInteger,
  [OID.int2]: Number,
  [OID.int4]: Number,
  [OID.text]: asText,
  [OID.json]: (text) => JSON.parse(text),
  [OID.float4]: Number,
  [OID.float8]: Number,
  [OID.varchar]: asText,
  [OID.date]: asText,
  [OID.timestamp]: asText,
  [OID.timestamptz]: parseTimestamptz,
  [OID.numeric]: asText,
  [OID.uuid]: asText,
  [OID.jsonb]: (text) => JSON.parse(text),
}

/** Array type → the type of its elements. */
const elementOf: Record<number, number> = {
  199: OID.json,
  1000: OID.bool,
  1001: OID.bytea,
  1005: OID.int2,
  1007: OID.int4,
  1009: OID.text,
  1015: OID.varchar,
  1016: OID.int8,
  1021: OID.float4,
  1022: OID.float8,
  1115: OID.timestamp,
  1182: OID.date,
  1185: OID.timestamptz,
  1231: OID.numeric,
  2951: OID.uuid,
  3807: OID.jsonb,
}

/** Parsers of single values by type id. */
export function parsersByOid(): Record<number, Parser> {
  return { ...scalarParsers }
}

/** The parser of any type, arrays included; types not named here stay text. */
export function parserOf(oid: number): Parser {
  const scalar = scalarParsers[oid]
  if (scalar) return scalar
  const element = elementOf[oid]
  if (element === undefined) return asText
  const parse = scalarParsers[element] ?? asText
  return (text) => parseArray(text, parse)
}

/**
 * The session's time zone is UTC on every connection, so the text always ends in an offset.
 * @throws RangeError for infinity, which no instant can hold
 */
function parseTimestamptz(text: string): number {
  const iso = text.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00')
  const epochMs = Date.parse(iso)
  if (Number.isNaN(epochMs)) throw new RangeError('a timestamp that is no instant')
  return epochMs
}

function parseSafeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('an integer beyond 2^53')
  return value
}

/** One-dimensional arrays in Postgres' text form: {a,"b c",NULL}. */
function parseArray(text: string, parse: Parser): unknown[] {
  const values: unknown[] = []
  const elements = text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/gs)
  for (const [, quoted, bare] of elements) {
    if (quoted !== undefined) values.push(parse(quoted.replace(/\\(.)/gs, '$1')))
    else if (bare !== undefined) values.push(bare === 'NULL' ? null : parse(bare))
  }
  return values
}
