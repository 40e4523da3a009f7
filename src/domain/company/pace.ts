/** How fast what had to wait goes on, so that it never comes as a flood. */
export interface PaceSettings {
  /** Leads that are woken in a minute, when what held them is over. */
  readonly wakesPerMinute: number
  /** Planned emails a minute that should have left earlier: after a pause, a stop or an outage. */
  readonly lateEmailsPerMinute: number
  readonly lateTextsPerMinute: number
  /** The same for one sender of emails; null: the number for all of them alone. */
  readonly lateEmailsPerSender: number | null
}

export const DEFAULT_PACE: PaceSettings = {
  wakesPerMinute: 600,
  lateEmailsPerMinute: 60,
  lateTextsPerMinute: 30,
  lateEmailsPerSender: 60,
}
