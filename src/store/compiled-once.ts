import type { Compilable, CompiledQuery } from 'kysely'
import type { Executor } from './executor.ts'

/** Where an argument stands in a statement that was compiled before its values were known. */
class Slot {
  readonly name: PropertyKey
  constructor(name: PropertyKey) {
    this.name = name
  }
}

/**
 * A query whose text is built once per process: for those that every look and every touch asks,
 * building the text costs more than running it. `build` may use its arguments as values only,
 * never to decide what the statement looks like.
 */
export function compiledOnce<Args extends object, Row>(
  build: (executor: Executor, args: Args) => Compilable<Row>,
): (executor: Executor, args: Args) => Promise<Row[]> {
  let compiled: CompiledQuery<Row> | null = null
  return async (executor, args) => {
    compiled ??= build(executor, slots<Args>()).compile()
    const parameters = compiled.parameters.map((each) =>
      each instanceof Slot ? valueOf(args, each) : each,
    )
    const { rows } = await executor.executeQuery<Row>({ ...compiled, parameters })
    return rows
  }
}

/** Stands for all arguments: reading one answers its slot. */
function slots<Args extends object>(): Args {
  return new Proxy({}, { get: (_, name) => new Slot(name) }) as Args
}

function valueOf(args: object, { name }: Slot): unknown {
  const value: unknown = Reflect.get(args, name)
  if (value === undefined) throw new Error(`the statement has no value for ${String(name)}`)
  return value
}

/** The row of a statement that selects from no table, which always answers one. */
export function onlyRow<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw new Error('a statement without a table answered no row')
  return row
}
