import { type Rule, verdictOf } from '../rule.ts'

/**
 * Who left a topic gets no planned message about it. That is our own promise: the law knows an
 * opt-out from everything, which is a suppression.
 */
export const topic: Rule = ({ person, messageClass, rules }) => {
  const about = rules.topic ?? null
  if (about === null || messageClass !== 'marketing') {
    const because = 'The message is about no topic that a person can leave.'
    return { verdict: verdictOf('topic', 'not_applicable', { because }) }
  }
  const inputs = { topic: about }
  if (!(person.topicsLeft ?? []).includes(about)) {
    return { verdict: verdictOf('topic', 'allow', { because: 'The topic was not left.', inputs }) }
  }
  return {
    verdict: verdictOf('topic', 'deny', {
      because: 'This person wants no messages about this topic.',
      inputs,
      fix: 'Only the lead can take the topic up again, in the preference centre.',
    }),
  }
}
