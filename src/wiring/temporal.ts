import type { Config } from '../config.ts'
import type { TemporalLocation } from '../temporal/connection.ts'

/** Where the configuration says that Temporal is. */
export function temporalOf(config: Config): TemporalLocation {
  const { TEMPORAL_API_KEY: apiKey, TEMPORAL_TLS: tls } = config
  return {
    address: config.TEMPORAL_ADDRESS ?? '127.0.0.1:7233',
    namespace: config.TEMPORAL_NAMESPACE,
    security: {
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(tls === 'on' ? { tls: true } : {}),
    },
  }
}
