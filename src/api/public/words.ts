/** What the public pages say, in each language that they speak. */
export interface PageWords {
  readonly title: (brand: string) => string
  readonly intro: (brand: string) => string
  readonly stopAll: string
  readonly stopped: (brand: string) => string
  readonly stoppedFinal: (brand: string) => string
  readonly choose: string
  readonly channels: string
  readonly email: string
  readonly texts: string
  readonly textsOff: string
  readonly topics: string
  readonly save: string
  readonly saved: string
  readonly rest: string
  readonly restHint: string
  readonly pause: string
  readonly paused: (date: string) => string
  readonly resume: string
  readonly resumed: string
  readonly forget: string
  readonly forgetHint: (brand: string) => string
  readonly forgetConfirm: string
  readonly forgetButton: string
  readonly forgotten: (brand: string) => string
  readonly forgetUnconfirmed: string
  readonly tooOld: (contact: string) => string
  readonly nothingDone: string
  readonly unknownTitle: string
  readonly unknown: (brand: string, contact: string) => string
}

const en: PageWords = {
  title: (brand) => `Messages from ${brand}`,
  intro: (brand) => `Choose what ${brand} may send you. It takes effect at once.`,
  stopAll: 'Unsubscribe from all emails',
  stopped: (brand) => `You are unsubscribed: ${brand} sends you no more marketing emails.`,
  stoppedFinal: (brand) => `You reported an email as spam: ${brand} sends you none any more.`,
  choose: 'Or choose what you get',
  channels: 'How we may write',
  email: 'Emails',
  texts: 'Text messages',
  textsOff: 'To get texts again, text START to our number.',
  topics: 'What about',
  save: 'Save my choice',
  saved: 'Your choice is saved.',
  rest: 'Too much just now?',
  restHint: 'We write nothing for three months, and then go on gently.',
  pause: 'Pause for three months',
  paused: (date) => `We write nothing until ${date}.`,
  resume: 'End the pause',
  resumed: 'The pause is over.',
  forget: 'Erase my data',
  forgetHint: (brand) =>
    `${brand} erases what it knows about you, and keeps only a code by which it never writes to you again. This cannot be undone.`,
  forgetConfirm: 'Yes, erase my data',
  forgetButton: 'Erase',
  forgotten: (brand) => `Your data are erased. ${brand} will not write to you again.`,
  forgetUnconfirmed: 'Nothing was erased: tick the box to confirm.',
  tooOld: (contact) =>
    `This link is too old to erase data with. Use the link of a newer message, or write to ${contact}. Unsubscribing works here all the same.`,
  nothingDone: 'Nothing was changed. Please use one of the buttons.',
  unknownTitle: 'This link is not known',
  unknown: (brand, contact) =>
    `It may be incomplete, or your data are erased. To get no more emails from ${brand}, answer one of them with the word "unsubscribe", or write to ${contact}.`,
}

const es: PageWords = {
  title: (brand) => `Mensajes de ${brand}`,
  intro: (brand) => `Elija lo que ${brand} puede enviarle. Se aplica de inmediato.`,
  stopAll: 'Cancelar todos los correos',
  stopped: (brand) => `Suscripción cancelada: ${brand} no le enviará más correos comerciales.`,
  stoppedFinal: (brand) => `Usted marcó un correo como spam: ${brand} ya no le envía ninguno.`,
  choose: 'O elija lo que recibe',
  channels: 'Cómo podemos escribirle',
  email: 'Correos electrónicos',
  texts: 'Mensajes de texto',
  textsOff: 'Para volver a recibir mensajes de texto, envíe START a nuestro número.',
  topics: 'Sobre qué temas',
  save: 'Guardar',
  saved: 'Sus preferencias están guardadas.',
  rest: '¿Demasiados mensajes?',
  restHint: 'No le escribimos durante tres meses, y después seguimos con calma.',
  pause: 'Pausa de tres meses',
  paused: (date) => `No le escribimos hasta el ${date}.`,
  resume: 'Terminar la pausa',
  resumed: 'La pausa ha terminado.',
  forget: 'Borrar mis datos',
  forgetHint: (brand) =>
    `${brand} borra lo que sabe de usted y conserva solo un código para no volver a escribirle. No se puede deshacer.`,
  forgetConfirm: 'Sí, borren mis datos',
  forgetButton: 'Borrar',
  forgotten: (brand) => `Sus datos están borrados. ${brand} no volverá a escribirle.`,
  forgetUnconfirmed: 'No se borró nada: marque la casilla para confirmar.',
  tooOld: (contact) =>
    `Este enlace es demasiado antiguo para borrar datos. Use el de un mensaje más reciente, o escriba a ${contact}. Cancelar los correos sí funciona aquí.`,
  nothingDone: 'No se cambió nada. Use uno de los botones.',
  unknownTitle: 'Este enlace no se reconoce',
  unknown: (brand, contact) =>
    `Puede estar incompleto, o sus datos ya están borrados. Para no recibir más correos de ${brand}, responda a uno con la palabra "unsubscribe" o escriba a ${contact}.`,
}

const LANGUAGES = { en, es } as const
export type Language = keyof typeof LANGUAGES

/** The first language that a browser asks for and that the pages speak; else English. */
export function languageOf(acceptLanguage: string | undefined): Language {
  for (const each of (acceptLanguage ?? '').split(',')) {
    const wanted = each.trim().slice(0, 2).toLowerCase()
    if (wanted === 'en' || wanted === 'es') return wanted
  }
  return 'en'
}

/** The words of the public pages, in one language. */
export function wordsIn(language: Language): PageWords {
  return LANGUAGES[language]
}
