import { describeCondition } from '../conditions/condition-words.ts'
import { writeDuration } from '../duration.ts'
import type { EntryRules } from '../header-types.ts'
import type { Cadence, Rate, StepDays } from '../types.ts'
import { weekdayWords } from '../weekdays.ts'
import { endWords } from './step-words.ts'

/** What a cadence rules beside its steps, a sentence each; none for one that rules nothing. */
export function ruleSentences(cadence: Cadence): readonly string[] {
  const { entry, exits = [], goal, days, blackouts = [], throttle } = cadence
  return [
    ...(entry === undefined ? [] : entryWords(entry)),
    ...(goal === undefined
      ? []
      : [`Its goal: ${describeCondition(goal.when)}; then ${endWords(goal.end)}.`]),
    ...exits.map(({ when, end }) => `It ends when ${describeCondition(when)}: ${endWords(end)}.`),
    ...(days === undefined ? [] : [`Messages leave on ${daysWords(days)}.`]),
    ...(blackouts.length === 0 ? [] : [`None leaves on the days of ${blackouts.join(', ')}.`]),
    ...rateWords(throttle?.touches ?? null, 'messages'),
    ...rateWords(throttle?.first ?? null, 'first messages'),
  ]
}

function entryWords({ sources, when, reEntry }: EntryRules): readonly string[] {
  return [
    ...(sources === undefined ? [] : [`It takes leads from ${sources.join(', ')}.`]),
    ...(when === undefined ? [] : [`It takes leads for whom ${describeCondition(when)}.`]),
    ...(reEntry === undefined || reEntry.kind === 'always'
      ? []
      : [
          reEntry.kind === 'never'
            ? 'It takes nobody twice.'
            : `It takes a lead again ${writeDuration(reEntry.ms)} after it was in it.`,
        ]),
  ]
}

function daysWords(days: StepDays): string {
  return days === 'business' ? 'business days' : weekdayWords(days)
}

function rateWords(rate: Rate | null, what: string): readonly string[] {
  if (rate === null) return []
  return [
    `At most ${rate.most} ${what} in ${writeDuration(rate.perMs)}, to all its leads together.`,
  ]
}
