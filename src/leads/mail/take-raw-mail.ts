import { noteOfMail } from '../../channels/email/note.ts'
import { toIso } from '../../domain/time.ts'
import type { MailIntake } from './mail-effects.ts'
import { type MailTaken, takeMail } from './mail-in.ts'

/** Takes a raw mail, whichever way it came. @throws only when nothing can be written */
export async function takeRawMail(
  intake: MailIntake,
  via: string,
  raw: Uint8Array | string,
): Promise<MailTaken> {
  const today = toIso(intake.now()).slice(0, 10)
  return takeMail(intake, await noteOfMail(raw, { via, today }))
}
