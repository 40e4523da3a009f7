import { type Rule, verdictOf } from '../rule.ts'

/** Nobody whose data were erased is contacted, whatever may still be on file. */
export const erased: Rule = ({ person }) => ({
  verdict: verdictOf('erased', person.erased ? 'deny' : 'allow', {
    because: person.erased
      ? 'The data of this person were erased on request.'
      : 'The data of this person were not erased.',
    source: 'GDPR Art. 17; Cal. Civ. Code 1798.105',
  }),
})
