import { Client, Connection, type ConnectionOptions } from '@temporalio/client'
import { NAMESPACE_MISSING, type TemporalTrouble, troubleOf } from './trouble.ts'

export interface TemporalLocation {
  /** host:port */
  readonly address: string
  readonly namespace: string
  /** For a server that asks for it: TLS, an API key. */
  readonly security?: Pick<ConnectionOptions, 'tls' | 'apiKey' | 'metadata'>
}

/** A way to Temporal that connects when it is first used, and again whenever it was cut. */
export interface TemporalLink {
  readonly client: Client
  readonly connection: Connection
  /** Asks for the namespace, at most `withinMs` (default 5 s); never throws. */
  check(withinMs?: number): Promise<Reached>
  close(): Promise<void>
}

export type Reached =
  | { readonly kind: 'reached' }
  | { readonly kind: 'not_reached'; readonly trouble: TemporalTrouble }

export interface LinkOptions {
  /** Which of our processes this is; shown in histories beside its process id. */
  readonly role: 'api' | 'worker' | 'start' | 'cli' | 'test'
  /** Rehearsals stamp every start with time skipping. */
  readonly wrap?: (connection: Connection) => Connection
}

const CHECK_WITHIN_MS = 5_000
/** The first connection; later ones are made by the channel itself. */
const CONNECT_WITHIN_MS = 5_000

/** gRPC would wait up to two minutes between attempts; a server that is back should be found. */
const RECONNECT = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
}

/**
 * Opens a link without waiting for the server: the process starts, and accepts, while Temporal is
 * away. The identity names the role and the process, not the machine.
 */
export function openTemporal(location: TemporalLocation, options: LinkOptions): TemporalLink {
  const { address, namespace, security } = location
  const own = Connection.lazy({
    ...security,
    address,
    connectTimeout: CONNECT_WITHIN_MS,
    channelArgs: RECONNECT,
  })
  const connection = options.wrap?.(own) ?? own
  const identity = `rekindle ${options.role} ${process.pid}`
  const client = new Client({ connection, namespace, identity })
  return {
    client,
    connection,
    check: (withinMs = CHECK_WITHIN_MS) => reach(connection, namespace, withinMs),
    close: () => own.close(),
  }
}

async function reach(
  connection: Connection,
  namespace: string,
  withinMs: number,
): Promise<Reached> {
  try {
    await connection.withDeadline(Date.now() + withinMs, () =>
      connection.workflowService.describeNamespace({ namespace }),
    )
    return { kind: 'reached' }
  } catch (error) {
    const trouble = troubleOf(error)
    // This call names nothing but the namespace: what is not found is that.
    const missing = trouble.code === 'workflow_not_found'
    return { kind: 'not_reached', trouble: missing ? NAMESPACE_MISSING : trouble }
  }
}
