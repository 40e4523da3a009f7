/** Branded ids: a touch id never passes for a lead id. They are random and carry no meaning. */
export type Id<Kind extends string> = string & { readonly __id: Kind }

export type LeadId = Id<'lead'>
export type EpisodeId = Id<'episode'>
export type TouchId = Id<'touch'>
/** A message outside a cadence. */
export type MessageId = Id<'message'>
export type SignalId = Id<'signal'>
export type HoldId = Id<'hold'>
export type ContactPointId = Id<'contact-point'>
export type VisitorId = Id<'visitor'>
/** One operation on many leads. */
export type BulkId = Id<'bulk'>
/** A cadence that waits for the present one to end. */
export type QueuedId = Id<'queued'>
/** A cadence is known by its name ("new-lead"); one version of it by this id. */
export type CadenceVersionId = Id<'cadence-version'>
/** One act of publishing a cadence, with what it does to the leads under way. */
export type PublicationId = Id<'publication'>

/** Names a string that came from the store, or through an edge's validation, as an id. */
export function id<T extends Id<string>>(value: string): T {
  return value as T
}
