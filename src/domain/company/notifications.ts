/** Who is told what, besides the console. */
export interface Notifications {
  /** Forward what a lead wrote to its owner, when the owner is an email address. */
  readonly forwardReplies: boolean
  /** Hand-offs, answers that nobody understood and alerts go here; null: nowhere. */
  readonly email: string | null
  /** The same to a chat or another program; null: nowhere. */
  readonly webhook: {
    /** https only. */
    readonly url: string
    /** Signs each request, so that its receiver can tell it from others. */
    readonly secret: string
  } | null
}

export const DEFAULT_NOTIFICATIONS: Notifications = {
  forwardReplies: true,
  email: null,
  webhook: null,
}
