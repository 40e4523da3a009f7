import type { Channel } from '../../domain/policy/types.ts'

/** What a sample lead does by itself: so many days after its form, by its own wall clock. */
export type Act = { readonly day: number; readonly hour: number } & (
  | { readonly kind: 'visit' }
  | { readonly kind: 'write'; readonly by: Channel; readonly text: string }
  /** Whoever talks with the lead says that it is being looked after. */
  | { readonly kind: 'looked_after' }
)

/** A lead that nobody is: numbers 555-01xx and the domain example.com belong to no one. */
export interface Sample {
  readonly title: string
  readonly lead: {
    readonly firstName: string
    readonly email: string
    /** E.164 */
    readonly phone: string
    readonly state: string
    /** IANA zone. */
    readonly timezone: string
  }
  readonly acts: readonly Act[]
}

export const DEMO_DAYS = 60

export const SAMPLES: readonly Sample[] = [
  {
    title: 'Ada answers nobody, is given up, and comes back by herself',
    lead: {
      firstName: 'Ada',
      email: 'ada@example.com',
      phone: '+12125550142',
      state: 'NY',
      timezone: 'America/New_York',
    },
    acts: [
      { day: 55, hour: 21, kind: 'visit' },
      {
        day: 58,
        hour: 10,
        kind: 'write',
        by: 'email',
        text: 'Good timing. Can we talk tomorrow?',
      },
    ],
  },
  {
    title: 'Ben answers on day 9, and a person takes over',
    lead: {
      firstName: 'Ben',
      email: 'ben@example.com',
      phone: '+13125550117',
      state: 'IL',
      timezone: 'America/Chicago',
    },
    acts: [
      {
        day: 9,
        hour: 12,
        kind: 'write',
        by: 'email',
        text: 'Yes, what would it cost for ten people?',
      },
      { day: 10, hour: 9, kind: 'looked_after' },
    ],
  },
  {
    title: 'Cleo texts STOP on day 3: no text ever again, email goes on',
    lead: {
      firstName: 'Cleo',
      email: 'cleo@example.com',
      phone: '+13105550163',
      state: 'CA',
      timezone: 'America/Los_Angeles',
    },
    acts: [{ day: 3, hour: 20, kind: 'write', by: 'sms', text: 'STOP' }],
  },
]
