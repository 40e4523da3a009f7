import type { Logger } from 'pino'
import type { ApiConfig, LocalTools } from '../api/deps.ts'
import type { CompanySettings } from '../domain/company/company.ts'
import type { LeadId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import type { Intake } from '../leads/intake.ts'
import type { Catchers } from '../local/catchers.ts'
import type { CompanyFolder } from '../local/company-folder.ts'

/** What the console is wired with by the mains. */
export interface ConsoleDeps extends Intake {
  readonly config: Pick<ApiConfig, 'version' | 'outbound' | 'channels' | 'publicUrl' | 'privateUrl'>
  /** Never given a query string, a body or contact data. */
  readonly log: Logger
  /** What only the embedded mode has; null elsewhere. */
  readonly local: LocalTools | null
  /** What the embedded catchers caught; null when messages really leave. */
  readonly catchers: Catchers | null
  readonly temporal: { readonly namespace: string; readonly uiUrl: string | null }
  /** All keys under which ledger entries may have been signed, the current one first. */
  readonly ledgerKeys: readonly Buffer[]
  /**
   * Changes settings exactly as the API does: checked by its schema, audited. `written` makes the
   * change from the settings as they are under their lock. @throws Refusal that names the fields
   */
  changeSettings(written: (before: CompanySettings) => unknown, who: string): Promise<void>
  /** Signs sessions; sessions end when it changes. */
  readonly sessionSecret: Buffer
  /** Whose API key this is; null when it is none, or was revoked. */
  checkKey(key: string): Promise<KeyHolder | null>
  /** Whether a key that opened a session is still good. */
  isLive(keyId: string): Promise<boolean>
  /** The file that holds the first key, told by the log-in page; null says nothing of it. */
  readonly keyHint: string | null
  /** The company's folder, whose changed files are drafts; absent: there is none here. */
  readonly folder?: CompanyFolder | null
  /** A lead's own clock, which runs ahead when it was fast-forwarded; null: the wall clock. */
  readonly leadClock: ((leadId: LeadId) => Promise<Instant>) | null
}

export interface KeyHolder {
  readonly id: string
  readonly name: string
}
