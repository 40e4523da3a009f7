/**
 * What a refusal means. `hard`: the address does not work. `soft`: it may work another day.
 * `policy`: our mail, our set-up or our standing is refused, and the lead is not to blame.
 */
export type BounceKind = 'hard' | 'soft' | 'policy'

export type Refused = {
  /** Enhanced status code (RFC 3463), such as "5.1.1". */
  readonly status: string | null
  readonly replyCode: number | null
  /** The server's words; read only where the codes leave it open. */
  readonly words: string
}

/**
 * Judges by the enhanced status code, else by the reply code, and by the words where neither
 * tells. The table stands in docs/concepts/channels.md.
 */
export function judgeBounce({ status, replyCode, words }: Refused): BounceKind {
  const [kind, subject, detail] = (status ?? '').split('.').map(Number)
  if (kind === 4 || (kind === undefined && isTransient(replyCode))) return 'soft'
  if (kind !== 5) return isTransient(replyCode) ? 'soft' : (bySays(words) ?? byCode(replyCode))
  switch (subject) {
    case 1:
      return byAddress(detail ?? 0, words)
    case 2:
      return byMailbox(detail ?? 0, words)
    case 3:
    case 6:
    case 7:
      return 'policy'
    case 4:
      return byRoute(detail ?? 0, words)
    case 5:
      return bySays(words) ?? (replyCode === null || replyCode === 550 ? 'hard' : 'policy')
    default:
      return isTransient(replyCode) ? 'soft' : (bySays(words) ?? byCode(replyCode))
  }
}

function isTransient(replyCode: number | null): boolean {
  return replyCode !== null && replyCode >= 400 && replyCode < 500
}

/** X.1.7 and X.1.8 speak of the sender's address, X.1.9 of what it cannot be relayed to. */
function byAddress(detail: number, words: string): BounceKind {
  if (detail >= 7 && detail <= 9) return 'policy'
  // Sendmail calls any 550 a 5.1.1: where the words name a block list, they know better.
  if (NAMES_A_BLOCK.test(words) && !UNKNOWN.test(words) && !hasOwnStatus(words)) return 'policy'
  return detail === 0 && SENDER.test(words) ? 'policy' : 'hard'
}

function byMailbox(detail: number, words: string): BounceKind {
  if (detail === 2) return 'soft'
  if (detail === 3) return 'policy'
  if (detail === 4) return 'soft'
  return detail === 0 ? (bySays(words) ?? 'hard') : 'hard'
}

/** X.4.1 is what Exchange Online answers for recipients it does not know; X.4.4 has no route. */
function byRoute(detail: number, words: string): BounceKind {
  if (detail === 7 || detail === 6 || detail === 14) return 'soft'
  if (EXPIRED.test(words)) return 'soft'
  if (detail === 1 || detail === 4 || NO_DOMAIN.test(words) || UNKNOWN.test(words)) return 'hard'
  return bySays(words) ?? 'soft'
}

function byCode(replyCode: number | null): BounceKind {
  return replyCode === 552 ? 'soft' : 'hard'
}

/** What the words alone say; null when they say nothing. */
export function bySays(words: string): BounceKind | null {
  if (UNKNOWN.test(words) || NO_DOMAIN.test(words)) return 'hard'
  if (FULL.test(words)) return 'soft'
  if (NAMES_A_BLOCK.test(words) || POLICY.test(words) || TOO_LARGE.test(words)) return 'policy'
  if (DISABLED.test(words)) return 'hard'
  if (EXPIRED.test(words)) return 'soft'
  return null
}

function hasOwnStatus(words: string): boolean {
  return /\b5\d\d[ -]+5\.1\.\d{1,3}\b/.test(words)
}

const UNKNOWN =
  /\b(?:no such|unknown|invalid|non-?existent) (?:local )?(?:user|recipient|mailbox|address|person|account|alias)\b|\b(?:user|recipient|mailbox|addressee|account|address)(?: \S{1,100})?(?: is| was|'s)? (?:unknown|not found|not known|invalid|not exist\w*|does ?n['o]t exist|doesn.t exist|not listed|rejected: (?:user|access) )|does(?: not|n.t) (?:exist|have an? \S{1,60} account)|couldn.t be found|wasn.t found|could not be found|not a valid (?:mailbox|user|recipient)|no mailbox (?:here|by that name)|recipnotfound|not listed in (?:domino|public)|undeliverable address|no longer (?:valid|with|employed|works)|address (?:unknown|not found)|utilisateur inconnu|adresse inconnue|usuario desconocido|unbekannte?r? empf|empf\S{1,3}nger unbekannt|unrouteable address|user unknown|no account by that name/i
const NO_DOMAIN =
  /\b(?:host|domain)(?: name)?(?: \S{1,100})? (?:not found|unknown|does not exist|isn.t|could not be found)|name or service not known|nxdomain|domain (?:does not|doesn.t) exist|couldn.t find any host|bad destination (?:system|host)|unrouteable (?:mail )?domain|no mx|all relevant mx records point to non-existent|name service error/i
const FULL =
  /(?:mailbox|inbox|quota|account|storage)\b.{0,60}\b(?:full|exceed\w*|over)|over ?quota|quota ?exceed|exceed\w* .{0,40}quota|out of storage|insufficient (?:system )?storage|not enough (?:space|storage)|mailbox (?:is )?full|too many messages in|bo[iî]te (?:aux lettres )?pleine|buz[oó]n lleno|postfach (?:ist )?voll/i
const NAMES_A_BLOCK =
  /spamhaus|spamcop|barracuda|sorbs|proofpoint|block ?list|black ?list|\b[rd]n?s?bl\b|blocked using|denylist|\bdmarc\b|\bdkim\b|\bspf\b|sender policy|reputation/i
const POLICY =
  /\bspam|unsolicited|\bblocked\b|\bpolicy\b|policies|relay(?:ing)? (?:access )?(?:denied|not)|unable to relay|not permitted to relay|banned|authenticat|content (?:rejected|refused)|message (?:content )?(?:rejected|refused)|virus|suspicious|too many (?:connections|recipients)|rate limit|not authori[sz]ed|ptr record|reverse dns/i
const TOO_LARGE = /message (?:size|is too large|too (?:large|big))|size limit|exceeds? .{0,30}size/i
const DISABLED =
  /(?:account|mailbox|user|address|recipient)\b.{0,40}\b(?:disabled|inactive|suspended|deactivated|closed|expired|discontinued|unavailable)|no longer (?:active|available|accept)|permanent(?:ly)? (?:fail|error|fatal)/i
const EXPIRED =
  /expired|timed? ?out|time-?out|too long|retry time|could not be delivered (?:for|within)|connection (?:refused|reset)|temporar(?:y|ily)|greylist|try again|unreachable|network error|routing loop|too many hops|delivery time/i
const SENDER = /sender|from address|mail from|envelope from/i
