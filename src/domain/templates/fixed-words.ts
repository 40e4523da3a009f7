/** The few words that Rekindle itself adds to a message, in the languages that it speaks. */
export interface FixedWords {
  /** Before the link that stops these emails. */
  readonly footer: string
  readonly unsubscribe: string
  /** Behind the first text to a person (CTIA: how to stop it); GSM-7 only. */
  readonly stop: string
}

const EN: FixedWords = {
  footer: "Don't want these emails?",
  unsubscribe: 'Unsubscribe',
  stop: 'Reply STOP to opt out.',
}

const ES: FixedWords = {
  footer: '¿No quiere recibir estos correos?',
  unsubscribe: 'Cancelar la suscripción',
  stop: 'Responda STOP para cancelar.',
}

/** The words for a message in this language; English where it is not spoken. */
export function fixedWords(language: string | null | undefined): FixedWords {
  return language?.split('-')[0] === 'es' ? ES : EN
}

/** True for a text that tells how to stop, in a language that is spoken here. */
export function tellsHowToStop(text: string): boolean {
  return /\b(reply|text|send|responda|responde|env[ií]a|env[ií]e)\s+(con\s+)?"?stop\b/i.test(text)
}
