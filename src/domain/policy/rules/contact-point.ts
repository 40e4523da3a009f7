import { LINE_WORDS, takesTexts } from '../../line-types.ts'
import { canEverBeTexted } from '../area-codes.ts'
import { type Rule, type RuleAnswer, verdictOf } from '../rule.ts'
import type { Channel, PolicyContactPoint } from '../types.ts'

const NOUNS: Readonly<Record<Channel, string>> = { email: 'email address', sms: 'phone number' }

const ASK_FOR_MOBILE = 'Ask for the mobile number.'

/** There must be an address or number on file that can receive the message. */
export const contactPoint: Rule = ({ person, channel, rules }) => {
  const point = channel === 'email' ? person.email : person.phone
  const noun = NOUNS[channel]
  if (point === null) return denied(`No ${noun} is on file.`, `Add the ${noun}.`, {})
  const inputs = { validity: point.validity }
  const fix = `Correct the ${noun}.`
  if (point.validity === 'invalid')
    return denied(because(point, `The ${noun} is invalid.`), fix, inputs)
  if (point.validity === 'not_capable') {
    // A landline is no mistake in the number.
    const said = because(point, `The ${noun} cannot receive ${messages(channel)}.`)
    return denied(said, channel === 'sms' ? ASK_FOR_MOBILE : fix, inputs)
  }
  if (channel === 'sms') {
    const textable = canEverBeTexted(point.value, rules.countryPacks)
    if (!textable.ok) return denied(textable.because, textable.fix, inputs)
    const { lineType } = point
    if (lineType !== undefined && !takesTexts(lineType)) {
      const said = `The phone number is ${LINE_WORDS[lineType]}, by its provider’s word: it takes no texts.`
      return denied(said, ASK_FOR_MOBILE, { ...inputs, lineType })
    }
  }
  const said =
    point.validity === 'valid' ? `The ${noun} is known to work.` : `The ${noun} is on file.`
  return { verdict: verdictOf('contact_point', 'allow', { because: said, inputs }) }
}

function denied(
  because: string,
  fix: string,
  inputs: Readonly<Record<string, string>>,
): RuleAnswer {
  return { verdict: verdictOf('contact_point', 'deny', { because, inputs, fix }) }
}

function because(point: PolicyContactPoint, otherwise: string): string {
  return point.invalidBecause ?? otherwise
}

function messages(channel: Channel): string {
  return channel === 'email' ? 'email' : 'texts'
}
