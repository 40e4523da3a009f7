import { z } from 'zod'

// What `POST /v1/cadences` answers, as far as the command line reads it.

const itemSchema = z.object({ name: z.string(), version: z.number(), changed: z.boolean() })
const sizeSchema = z.object({
  encoding: z.enum(['GSM-7', 'UCS-2']),
  segments: z.number(),
  characters: z.number(),
  outsideGsm7: z.array(z.string()),
})

export const publicationSchema = z.looseObject({
  id: z.string(),
  cadence: z.string(),
  policy: z.string(),
  state: z.string(),
  leads: z.number(),
  moved: z.number(),
  words: z.string(),
})

export const publishedSchema = z.object({
  cadences: z.array(itemSchema),
  templates: z.array(itemSchema),
  publications: z.array(publicationSchema),
  texts: z.array(
    z.object({ template: z.string(), variant: z.string().nullable(), first: sizeSchema }),
  ),
  warnings: z.array(
    z.object({
      file: z.string().optional(),
      line: z.number().optional(),
      column: z.number().optional(),
      message: z.string(),
      fix: z.string(),
    }),
  ),
})

const rowSchema = z.object({
  version: z.number(),
  step: z.string().nullable(),
  leads: z.number(),
  becomes: z.string().nullable(),
  how: z.string(),
  words: z.string(),
})

const fileSchema = z.looseObject({ path: z.string(), words: z.string() })

export const planSchema = z.object({
  plan: z.object({
    cadences: z.array(
      z.object({
        name: z.string(),
        title: z.string(),
        from: z.number().nullable(),
        version: z.number(),
        changed: z.boolean(),
        changes: z.array(
          z.object({ kind: z.string(), step: z.string().nullable(), words: z.string() }),
        ),
        leads: z.number(),
        impact: z.object({
          pin: z.array(rowSchema),
          move: z.array(rowSchema),
          're-time': z.array(rowSchema),
        }),
      }),
    ),
    templates: z.array(
      z.object({
        name: z.string(),
        from: z.number().nullable(),
        version: z.number(),
        changed: z.boolean(),
        files: z.array(fileSchema),
        leads: z.number(),
      }),
    ),
  }),
})

export type Plan = z.output<typeof planSchema>['plan']
