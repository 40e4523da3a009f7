// The SDK has this conversion too (`historyToJSON`), but it works only where npm has laid out one
// copy of protobufjs for all of its packages; with more, a type of one copy is no type to another
// ("type must be a Type"). Here the converter is taken from the very copy that made the types.
import { createRequire } from 'node:module'
import proto from '@temporalio/proto'
import { patchProtobufRoot } from '@temporalio/proto/lib/patch-protobuf-root.js'
import { z } from 'zod'

export type History = proto.temporal.api.history.v1.IHistory
export type HistoryEvent = proto.temporal.api.history.v1.IHistoryEvent

/** What is used of `protobufjs/ext/protojson`. */
interface ProtoJson {
  toJson(type: unknown, message: object): unknown
  fromJson(type: unknown, json: unknown, options: { ignoreUnknownFields: boolean }): History | null
}

interface ReflectedRoot {
  lookupType(name: string): unknown
}

const { History: HistoryMessage } = proto.temporal.api.history.v1

const here = createRequire(import.meta.url)
const besideTheTypes = createRequire(here.resolve('@temporalio/proto'))
const protoJson = besideTheTypes('protobufjs/ext/protojson') as ProtoJson
const root = patchProtobufRoot({ ...proto }) as unknown as ReflectedRoot
const historyType = root.lookupType('temporal.api.history.v1.History')

const jsonSchema = z.object({ events: z.array(z.unknown()) })

/** A history as the JSON text that every Temporal tool reads and writes (ProtoJSON). */
export function historyToText(history: History): string {
  return JSON.stringify(protoJson.toJson(historyType, HistoryMessage.fromObject(history)))
}

/**
 * Reads such a text; fields of a newer server are passed over.
 * @throws when the text is no history
 */
export function historyFromText(text: string): History {
  const json = jsonSchema.parse(JSON.parse(text))
  const history = protoJson.fromJson(historyType, json, { ignoreUnknownFields: true })
  if (history === null) throw new TypeError('the text is no history')
  // Times come out of JSON with plain numbers; everything else in this house counts on `Long`.
  return HistoryMessage.decode(HistoryMessage.encode(history).finish())
}
