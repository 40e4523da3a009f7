/**
 * What publishing a cadence does to the leads under way in its other versions.
 * `pin`: they keep the version they are in. `move`: they go on in the new one, and a wait that has
 * begun keeps its date. `re-time`: they go on in the new one, and that wait is counted anew.
 */
export const PUBLISH_POLICIES = ['pin', 'move', 're-time'] as const
export type PublishPolicy = (typeof PUBLISH_POLICIES)[number]
