import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { z } from 'zod'
import { postSchema } from '../api/schemas/lead.ts'
import { validated } from '../api/validate.ts'
import { usageError } from './problem.ts'

export type PostedLead = z.output<typeof postSchema>

/**
 * Reads leads from a JSON or YAML file: a body of POST /v1/leads or its `lead` alone, or a list.
 * @throws CliError (usage) when there is no such file; Refusal that names the field
 */
export function readLeadsFile(path: string): readonly PostedLead[] {
  const value = parsed(path)
  return Array.isArray(value) ? value.map(postedOf) : [postedOf(value)]
}

function postedOf(value: unknown): PostedLead {
  const whole = isRecord(value) && 'lead' in value
  return validated(postSchema, whole ? value : { lead: value })
}

function parsed(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw usageError(`The file "${path}" cannot be read.`, 'Name a JSON or YAML file with a lead.')
  }
  try {
    return parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : 'no reason was given'
    throw usageError(`The file "${path}" is neither JSON nor YAML: ${reason}.`, 'Correct it.')
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
