import { toIso } from '../../time.ts'
import { type Rule, type RuleAnswer, type RuleInput, verdictOf } from '../rule.ts'
import { standingConsents } from '../standing.ts'
import { strengthOf, strengthWords } from '../strength.ts'
import type { Consent, ConsentBasis, MessageClass } from '../types.ts'

const EMAIL_SOURCE = '15 USC 7701-7713'
const TEXT_SOURCE = '47 CFR 64.1200(a)(1)-(2), (f)(9)'

/** What a text needs, the strongest sufficient basis first. */
const NEEDED: Readonly<Record<MessageClass, readonly ConsentBasis[]>> = {
  marketing: ['express_written'],
  transactional: ['express_written', 'express'],
  conversation: [],
  required: [],
}

const FREE: Readonly<Record<'conversation' | 'required', string>> = {
  conversation: 'The lead wrote first, and a person answers.',
  required: 'This is the one answer to STOP, START or HELP; it needs no consent.',
}

/** Email in the United States needs no consent beforehand; texts do, by what they are. */
export const consent: Rule = (input) =>
  input.channel === 'email'
    ? {
        verdict: verdictOf('consent', 'allow', {
          because: 'Email in the United States needs no consent beforehand; opting out is obeyed.',
          source: EMAIL_SOURCE,
        }),
      }
    : judgeText(input)

function judgeText({ person, messageClass }: RuleInput): RuleAnswer {
  if (messageClass === 'conversation' || messageClass === 'required') {
    const because = FREE[messageClass]
    return { verdict: verdictOf('consent', 'allow', { because, source: TEXT_SOURCE }) }
  }
  const needed = NEEDED[messageClass]
  const standing = standingConsents(person, 'sms')
  const given = strongest(standing, needed)
  if (given !== null) {
    return {
      verdict: verdictOf('consent', 'allow', {
        because: givenWords(given),
        inputs: inputsOf(given),
        source: TEXT_SOURCE,
        ...(given.evidence !== undefined && strengthOf(given) === 'weak' && { fix: DEFINE }),
      }),
    }
  }
  const kind = messageClass === 'marketing' ? 'written' : 'express'
  return {
    verdict: verdictOf('consent', 'deny', {
      because: `A ${messageClass} text needs ${kind} consent, and there is ${missing(person.consents, standing)}.`,
      inputs: { needed, onFile: standing.map(({ basis }) => basis) },
      source: TEXT_SOURCE,
      fix: 'Ask for consent on a form that shows the disclosure for texts, and record it.',
    }),
  }
}

function givenWords(given: Consent): string {
  const { basis, at, evidence } = given
  const said = `lead gave ${words(basis)} consent to texts on ${toIso(at).slice(0, 10)}`
  if (evidence === undefined) return `The ${said}.`
  const whose = evidence.attested ? 'By what its source attests, the' : 'The'
  return `${whose} ${said} (${strengthWords(given)}).`
}

const DEFINE =
  'Define the disclosure with its text and since when it is shown, and name it in each consent.'

/** The strongest sufficient consent; the newest of equals. */
function strongest(consents: readonly Consent[], needed: readonly ConsentBasis[]): Consent | null {
  for (const basis of needed) {
    const found = consents.filter((one) => one.basis === basis)
    if (found.length > 0) return found.reduce((best, one) => (one.at > best.at ? one : best))
  }
  return null
}

function missing(all: readonly Consent[], standing: readonly Consent[]): string {
  const texts = all.filter(({ channel }) => channel === 'sms')
  if (texts.length === 0) return 'none on file'
  return standing.length === 0
    ? 'none that was given after the lead opted out'
    : 'only a weaker one on file'
}

/** The source may be a page's address: what follows "?" could name the person. */
function inputsOf(consent: Consent) {
  const { basis, at, disclosure, source, byLead } = consent
  return {
    basis,
    at: toIso(at),
    disclosure,
    disclosureVersion: consent.evidence?.disclosureVersion ?? null,
    strength: strengthOf(consent),
    byLead,
    given: source.split(/[?#]/)[0] ?? '',
  }
}

function words(basis: ConsentBasis): string {
  return basis === 'express_written' ? 'written' : basis
}
