import { type ReportedRecipient, replyIn, statusIn } from './delivery-status.ts'
import { bySays, judgeBounce } from './judge-bounce.ts'
import { addressesIn, header, type ReadMail } from './read-mail.ts'

/**
 * Reports that follow no standard: qmail, Exim, old Sendmail and Exchange, web mailers. They are
 * known by who sends them and by what they open with, and never by their body alone, because
 * people quote reports.
 */
export type TextBounce = {
  readonly delayed: boolean
  readonly recipients: readonly ReportedRecipient[]
}

/** Reads a report that has no delivery-status part; null when the mail is no report. */
export function readTextBounce(mail: ReadMail): TextBounce | null {
  if (!isReport(mail)) return null
  const body = ownWords(mail.text)
  const named = namedRecipients(mail, body)
  const recipients = named.map((address) => recipientOf(address, body, named))
  const delayed = isDelay(mail.subject, body)
  if (recipients.length > 0) return { delayed, recipients }
  return { delayed, recipients: [recipientOf(null, body, [])] }
}

function isReport({ headers, from, subject, text }: ReadMail): boolean {
  if (headers.has('x-failed-recipients')) return true
  const opening = text.slice(0, 1_500)
  const type = header(headers, 'content-type') ?? ''
  if (/report-type="?delivery-status/i.test(type)) return true
  const bySubject = SUBJECT.test(subject.trim())
  const byOpening = OPENING.test(opening)
  if (byMachine(headers, from)) return bySubject || byOpening || statesFailure(opening)
  // A person may write of a delivery that failed; a server says so in codes, or by itself.
  const byItself = /^auto/i.test(header(headers, 'auto-submitted') ?? '')
  return bySubject && byOpening && (byItself || statesFailure(text.slice(0, 8_000)))
}

function byMachine(headers: ReadMail['headers'], from: string | null): boolean {
  if (header(headers, 'return-path')?.trim() === '<>') return true
  return SENDER.test(from ?? '') || SENDER.test(header(headers, 'from') ?? '')
}

/** A reply code with its status, or one on a line of its own, as only servers write them. */
function statesFailure(opening: string): boolean {
  return /\b[45]\d\d[ -]+#?[45]\.\d\.\d{1,3}\b|^\s*(?:<<< )?5\d\d[ -]/m.test(opening)
}

const SENDER =
  /(?:^|[<"\s])(?:mailer[-_.]?daemon|mail[-_.]?daemon|postmaster|mdaemon|mail delivery (?:sub)?system|mailadmin|mail-?delivery|maildelivery|bounce[sd]?|microsoftexchange[0-9a-f]+)(?:[@>"\s+]|$)/i

/** Not after "Re:" or "Fwd:": a person wrote that. */
const SUBJECT =
  /^(?:\[?(?:spam|external)\]?:? *)?(?:(?:mail |message |e-?mail )?deliver?y (?:status notification|failure|failed|has failed|error|problem|report|notification|incomplete|delayed)|delivery:|undeliver(?:able|ed)|undelivered mail|returned mail|mail (?:delivery|system error|undeliverable|could not be delivered|returned)|failure notice|failed mail|message (?:delivery|undeliverable|status|could not be delivered|not delivered|delayed)|(?:your )?(?:message|e-?mail) (?:to .{1,100} )?(?:could not|was not|cannot|couldn.t|wasn.t|not) be ?(?:en)? ?delivered|non[- ]?(?:delivery|deliverable)|notification d.état|delivery status|bounced? (?:mail|message)|rejected mail|nondeliverable|unzustellbar|nicht zustellbar|zustellung fehlgeschlagen|fehlgeschlagene? zustellung|warning: (?:message|could not send)|delayed mail|échec (?:de|de la) (?:remise|distribution|livraison)|non remis|no se puede entregar|no entregado|correo devuelto|devuelto|impossibile (?:recapitare|consegnare)|mancato recapito|não entregue|falha na entrega|onbestelbaar|niet bezorgd|kan ikke leveres|olevererbart|недоставленное|未送達|配信不能|退信|系统退信|there was an error sending your mail|auto-?reply: undeliver)/i

const OPENING =
  /this is the (?:mail system at|qmail-send program|postfix program|mail delivery agent)|i'm (?:sorry to have to inform you|afraid i wasn't able to deliver)|this message was created automatically by (?:the )?mail delivery|automatically[- ]generated (?:delivery status|mail delivery|message from mail delivery)|a message (?:that )?you sent (?:could not|has not|was not|to the following)|the original message was received (?:at|from)|your message (?:to .{1,200} )?(?:did not reach|could not be delivered|couldn.t be delivered|wasn.t delivered|was not delivered|has not been delivered|hasn.t been delivered|cannot be delivered|has been (?:delayed|rejected|blocked))|delivery (?:has failed to|to the following recipients?|is delayed|failed for)|could not be delivered to|unable to deliver (?:your )?(?:message|mail|e-?mail)|undeliverable (?:to|mail|message)|message could not be delivered|unable to reach the following|the following (?:message|address(?:es)?|recipients?|e-?mail) .{0,60}(?:fail|undeliver|not delivered|could not|permanent|problem)|address not found|message blocked|message not delivered|recipient inbox full|failed to deliver to|mail delivery (?:failed|failure)|returned (?:to sender|without being)|konnte nicht (?:zugestellt|übermittelt)|n'a pas (?:pu être|été) (?:remis|distribu|délivr)|no se pudo entregar|non è stato possibile (?:recapitare|consegnare)|não (?:pôde|foi possível) (?:ser )?entreg|kon niet worden (?:bezorgd|afgeleverd)|transcript of session follows|permanent(?:ly)? (?:fatal )?error|this is a permanent error|could not send message for past/i

const DELAY_SUBJECT = /\bdelay(?:ed)?\b|^warning:|still being retried|\(retard\)|verzögert/i
const DELAY_WORDS =
  /this is a warning (?:message )?only|you do not need to resend|has not (?:yet )?been delivered|is still (?:being|trying)|will (?:be retried|continue to (?:try|be)|keep trying)|delivery (?:is|has been) delayed|not been able to deliver .{0,80} yet|no action is required on your part|will retry|still being retried/i

const GAVE_UP =
  /i've given up|giving up|failed permanently|\bpermanent(?:ly)?\b.{0,30}(?:error|fail|problem)/i

/** Nothing failed yet: the server goes on trying. */
function isDelay(subject: string, body: string): boolean {
  if (GAVE_UP.test(body)) return false
  return (
    DELAY_WORDS.test(body) ||
    (DELAY_SUBJECT.test(subject) && !/\b5\.\d\.\d|^\s*5\d\d[ -]/m.test(body))
  )
}

/** What stands above the message that came back. */
function ownWords(text: string): string {
  const end = text.search(RETURNED)
  return (end > 40 ? text.slice(0, end) : text).slice(0, 20_000)
}

const RETURNED =
  /^[-\s_=*]{0,40}(?:below this line is a copy|this is a copy of (?:the|your)|original message(?: headers)?(?: follows)?|returned message|unsent message|message headers? follows?|original message header|the header of the original|message text follows|start of (?:original|returned) message|undelivered message follows|copie du message|ursprüngliche nachricht)/im

function namedRecipients(mail: ReadMail, body: string): string[] {
  const failed = (mail.headers.get('x-failed-recipients') ?? []).flatMap(addressesIn)
  if (failed.length > 0) return [...new Set(failed)]
  const lines = body.split('\n').flatMap(alone)
  const commands = [...body.matchAll(/(?:rcpt to|recipient(?: address)?):? ?<([^<>\s]{3,320})>/gi)]
  const named = [...lines, ...commands.flatMap(([, address]) => addressesIn(address ?? ''))]
  const found = named.length > 0 ? named : addressesIn(body)
  return [...new Set(found)].filter((address) => isRecipient(mail, address)).slice(0, 50)
}

/** An address that a line begins with and that is nearly all of it: "<ada@x.example>:", "  ada@…". */
function alone(line: string): string[] {
  const found =
    /^[\s*>]{0,20}(?:(?:to|recipient|e-?mail|user):\s*)?<?([^\s<>:;,()"]{1,64}@[^\s<>:;,()"]{1,255}?)>?(?:\s*<mailto:[^>]{1,320}>)?(?:\s*[:;]|\.{3}|,|\.)?(?:\s+on\s.*|\s*\(.*|\s*(?:[45]\d\d|user|host|mailbox|recipient|unknown|unrout|delivery).*)?\s*$/i.exec(
      line,
    )?.[1]
  return found === undefined ? [] : addressesIn(found)
}

function isRecipient(mail: ReadMail, address: string): boolean {
  return address !== mail.from && !mail.to.includes(address) && !SENDER.test(address)
}

function recipientOf(
  address: string | null,
  body: string,
  all: readonly string[],
): ReportedRecipient {
  const own = address === null || all.length < 2 ? body : passageOf(body, address, all)
  const said = replyIn(own) !== null || statusIn(own) !== null || bySays(own) !== null ? own : body
  const reply = replyIn(said)
  return {
    address,
    action: null,
    status: reply?.status ?? statusIn(said),
    diagnostic: said.slice(0, 4_000),
  }
}

/** From where an address is named to where the next one is. */
function passageOf(body: string, address: string, all: readonly string[]): string {
  const lower = body.toLowerCase()
  const start = Math.max(0, lower.indexOf(address))
  const others = all.filter((each) => each !== address)
  const next = others.map((each) => lower.indexOf(each, start)).filter((at) => at > start)
  return body.slice(start, Math.min(body.length, ...next))
}

/** A text that names no code and no cause says only that it failed: that blames nobody for good. */
export function judgeText({ status, diagnostic }: ReportedRecipient): 'hard' | 'soft' | 'policy' {
  const replyCode = replyIn(diagnostic)?.code ?? null
  if (status === null && replyCode === null) {
    return bySays(diagnostic) ?? (/permanent|given up|fatal/i.test(diagnostic) ? 'hard' : 'soft')
  }
  return judgeBounce({ status, replyCode, words: diagnostic })
}
