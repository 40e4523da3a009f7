import type { MailNote } from '../../channels/email/note.ts'
import { normalizeEmail } from '../../domain/contact.ts'
import { CHANNELS } from '../../domain/policy/types.ts'
import { visibleText } from '../../domain/replies/visible.ts'
import type { TokenRow } from '../../store/people/tokens.ts'
import { writeToLead } from '../messages/talk.ts'
import { readToken } from '../web/tokens.ts'
import { keep, type MailEffect, type Taking } from './mail-effects.ts'

/**
 * An answer of a lead's owner to what was forwarded to them: their words go on to the lead, by the
 * channel that it wrote on, through the gates. Null when the mail names no such answer. The token
 * went to the owner alone; another sender who shows it waits for a person.
 */
export async function applyOwnerAnswer(taking: Taking): Promise<MailEffect | null> {
  const { trx, note, at } = taking
  const token = await ownerToken(taking)
  if (token === null) return null
  const [channel, owner] = (token.target ?? '').split(/:(.*)/s)
  const by = CHANNELS.find((each) => each === channel)
  const from = normalizeEmail(note.from ?? '')
  const about = { leadId: token.lead_id }
  if (by === undefined || !from.ok || from.value !== owner) {
    return { ...keep(null, 'an answer for a lead, not from its owner'), ...about }
  }
  const text = wordsAbove(note.text)
  if (text === '') return { ...keep(null, 'an owner’s answer without words'), ...about }
  if (QUOTES_US.test(text)) {
    // A mail program that marks no quotation: the notice must not go to the lead.
    return { ...keep(null, 'an owner’s answer that still quotes the notice'), ...about }
  }
  const words = { channel: by, text, subject: null }
  const { ring } = await writeToLead(trx, token.lead_id, words, { who: 'owner, by mail', at })
  return { state: 'acted', because: 'the owner’s answer goes to the lead', ...about, rings: [ring] }
}

async function ownerToken({ trx, note, at }: Taking): Promise<TokenRow | null> {
  const named = ownerTokens(note)
  for (const token of named) {
    const row = await readToken(trx, token, 'owner', at)
    if (row !== null) return row
  }
  return null
}

function ownerTokens({ names }: MailNote): string[] {
  return names.tokens.flatMap(({ purpose, token }) => (purpose === 'owner' ? [token] : []))
}

/** What stands above the quoted notice, which holds links that are not for the lead. */
function wordsAbove(text: string): string {
  const end = text.search(QUOTED)
  return visibleText(end < 0 ? text : text.slice(0, end), 'email').trim()
}

/** Its address of return stands in nobody's own words. */
const QUOTES_US = /\bowner\+[0-9a-f]{32,56}@/i

const QUOTED =
  /^[ \t]*(?:>|-{2,} ?(?:original|urspr|message d|mensaje|messaggio)|_{10,}|(?:from|von|de|da|van|från): \S|on .{5,300}\bwrote:|(?:am|le|el|il|op|den) .{5,300}(?:schrieb|écrit|escribió|scritto|schreef|skrev)\b.{0,100}:|.{1,200} answered by (?:email|text|sms):[ \t]*$)|^[ \t]*on [^\n]{5,200}\n[^\n]{0,200}\bwrote:/im
