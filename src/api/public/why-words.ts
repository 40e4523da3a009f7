import type { Later, WhyAnswer } from '../../domain/replies/why.ts'
import type { Language } from './words.ts'

/** What the page that asks why says, in each language that it speaks. */
export interface WhyWords {
  readonly title: string
  readonly intro: (brand: string) => string
  readonly answers: Readonly<Record<WhyAnswer, string>>
  /** What follows, once it is pressed. */
  readonly thanks: Readonly<Record<WhyAnswer, (brand: string) => string>>
  /** What may be added; nothing where it is not asked for. */
  readonly more: Readonly<Partial<Record<WhyAnswer, string>>>
  readonly when: string
  readonly later: Readonly<Record<Later, string>>
  readonly send: string
  readonly another: string
  readonly noted: string
  readonly nothingDone: string
  readonly tooOften: string
}

const en: WhyWords = {
  title: 'What kept you?',
  intro: (brand) => `One press is enough. It tells ${brand} what to do better, and when to stop.`,
  answers: {
    price: 'The price',
    timing: 'It is the wrong time',
    competitor: 'I chose somebody else',
    need: 'It is not what I needed',
    interested: 'I am still interested',
  },
  thanks: {
    price: (brand) => `Thank you. ${brand} takes note, and stops writing about it.`,
    timing: (brand) => `Thank you. ${brand} leaves you in peace until then.`,
    competitor: (brand) => `Thank you for telling us. ${brand} stops writing about it.`,
    need: (brand) => `Thank you. ${brand} takes note, and stops writing about it.`,
    interested: (brand) => `Good to hear. A person at ${brand} will get in touch with you.`,
  },
  more: {
    price: 'What would have been right? (optional)',
    competitor: 'Whom did you choose? (optional)',
    need: 'What were you looking for? (optional)',
    interested: 'What would you like to know first? (optional)',
  },
  when: 'When would be better?',
  later: { '1': 'In a month', '3': 'In three months', '6': 'In half a year', '12': 'In a year' },
  send: 'Send',
  another: 'Something else, after all?',
  noted: 'Noted, thank you.',
  nothingDone: 'Nothing was changed. Please use one of the buttons.',
  tooOften: 'This link was used very often. To tell us more, simply answer the email.',
}

const es: WhyWords = {
  title: '¿Qué le hizo dudar?',
  intro: (brand) =>
    `Basta con pulsar una vez. Así ${brand} sabe qué mejorar y cuándo dejar de escribir.`,
  answers: {
    price: 'El precio',
    timing: 'No es el momento',
    competitor: 'Elegí a otra empresa',
    need: 'No es lo que necesitaba',
    interested: 'Todavía me interesa',
  },
  thanks: {
    price: (brand) => `Gracias. ${brand} toma nota y deja de escribirle sobre esto.`,
    timing: (brand) => `Gracias. ${brand} no le escribirá hasta entonces.`,
    competitor: (brand) => `Gracias por decírnoslo. ${brand} deja de escribirle sobre esto.`,
    need: (brand) => `Gracias. ${brand} toma nota y deja de escribirle sobre esto.`,
    interested: (brand) => `Nos alegra. Una persona de ${brand} se pondrá en contacto con usted.`,
  },
  more: {
    price: '¿Qué precio habría sido adecuado? (opcional)',
    competitor: '¿A quién eligió? (opcional)',
    need: '¿Qué buscaba? (opcional)',
    interested: '¿Qué le gustaría saber primero? (opcional)',
  },
  when: '¿Cuándo le vendría mejor?',
  later: { '1': 'En un mes', '3': 'En tres meses', '6': 'En medio año', '12': 'En un año' },
  send: 'Enviar',
  another: '¿O quizá otra respuesta?',
  noted: 'Anotado, gracias.',
  nothingDone: 'No se cambió nada. Use uno de los botones.',
  tooOften: 'Este enlace se usó muchas veces. Para decirnos más, responda al correo.',
}

const WORDS: Readonly<Record<Language, WhyWords>> = { en, es }

/** The words of the page that asks why, in one language. */
export function whyWordsIn(language: Language): WhyWords {
  return WORDS[language]
}
