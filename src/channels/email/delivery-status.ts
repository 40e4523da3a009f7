/** One recipient of a delivery report (RFC 3464), as far as the report tells. */
export type ReportedRecipient = {
  readonly address: string | null
  readonly action: string | null
  readonly status: string | null
  readonly diagnostic: string
}

type Draft = Map<string, string>

const RECIPIENT_FIELDS = ['final-recipient', 'original-recipient']
const ONCE = [...RECIPIENT_FIELDS, 'action', 'status', 'diagnostic-code']

/**
 * Reads the fields of a message/delivery-status part. Blank lines part the groups, but reports
 * exist that forget them or put too many, so a field that would come twice begins a group as well.
 */
export function readDeliveryStatus(text: string): ReportedRecipient[] {
  const groups: Draft[] = []
  let current: Draft | null = null
  let parted = true
  let key: string | null = null
  for (const line of text.split(/\r\n|\r|\n/).slice(0, MOST_LINES)) {
    if (line.trim() === '') {
      parted = true
      key = null
      continue
    }
    const field = /^\s{0,3}([A-Za-z][A-Za-z-]{1,60})\s*:\s*(.*)$/.exec(line)
    if (key !== null && current !== null && /^[ \t]/.test(line)) {
      current.set(key, `${current.get(key) ?? ''} ${line.trim()}`)
      continue
    }
    if (field?.[1] === undefined) continue
    key = field[1].toLowerCase()
    if (current === null || beginsGroup(current, key, parted)) {
      current = new Map()
      groups.push(current)
    }
    parted = false
    if (!current.has(key)) current.set(key, (field[2] ?? '').trim())
  }
  return groups.filter(isRecipient).map(recipientOf)
}

const MOST_LINES = 20_000

function beginsGroup(current: Draft, key: string, parted: boolean): boolean {
  if (ONCE.includes(key) && current.has(key)) return true
  if (!parted || !RECIPIENT_FIELDS.includes(key)) return false
  return isMessageGroup(current) || current.has('action') || current.has('status')
}

function isMessageGroup(group: Draft): boolean {
  return group.has('reporting-mta') || group.has('arrival-date')
}

function isRecipient(group: Draft): boolean {
  return RECIPIENT_FIELDS.some((name) => group.has(name)) || group.has('action')
}

function recipientOf(group: Draft): ReportedRecipient {
  const diagnostic = group.get('diagnostic-code') ?? ''
  return {
    // Who was written to; the final recipient may be where the mail was forwarded.
    address: addressIn(group.get('original-recipient')) ?? addressIn(group.get('final-recipient')),
    action: /^[a-z]+/.exec((group.get('action') ?? '').toLowerCase())?.[0] ?? null,
    status: precise(statusIn(group.get('status') ?? ''), diagnostic),
    diagnostic,
  }
}

/** A status of X.0.0 says nothing: the remote server's own, if it gave one, says more. */
function precise(status: string | null, diagnostic: string): string | null {
  if (status !== null && !/^\d\.0\.0$/.test(status)) return status
  return replyIn(diagnostic)?.status ?? status
}

/** An enhanced status code in a text. */
export function statusIn(text: string): string | null {
  return /(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/.exec(text)?.[1] ?? null
}

/** An SMTP reply in a text: its code, and its enhanced status code when there is one. */
export function replyIn(text: string): { code: number; status: string | null } | null {
  const found =
    /(?:^|[^\d.#-])#?([45]\d\d)(?:[ -]+#?(?:\(#)?([45]\.\d{1,3}\.\d{1,3})\b|[ \-:;])/.exec(text)
  if (found?.[1] === undefined) {
    const alone = /^\s*(?:smtp;\s*)?([45]\d\d)\s*$/i.exec(text)?.[1]
    return alone === undefined ? null : { code: Number(alone), status: statusIn(text) }
  }
  return { code: Number(found[1]), status: found[2] ?? statusIn(text) }
}

/** "rfc822; ada@example.com", "<ada@example.com>", "RFC822;ada+40example.com@relay" … */
function addressIn(value: string | undefined): string | null {
  if (value === undefined) return null
  const alone = value.replace(/^[\w-]+\s*;\s*/, '')
  const found = /([^\s<>"(),;:]{1,64}@[^\s<>"(),;:]{1,255})/.exec(alone)?.[1]
  return found?.toLowerCase().replace(/\.$/, '') ?? null
}
