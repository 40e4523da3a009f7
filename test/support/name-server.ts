// A name server on loopback that knows a few TXT and MX records. A process of ours asks it when it is
// started with `asking(server)` among its NODE_OPTIONS.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

export interface NameServer {
  readonly port: number
  /** TXT records by name, to be changed at will; MX ones stand at "MX name". */
  readonly records: Map<string, readonly string[]>
  /** `servfail`: it answers, and knows nothing. `silent`: it answers nobody. */
  mood: 'well' | 'servfail' | 'silent'
  close(): void
}

const TXT = 16
const MX = 15
const NO_SUCH_NAME = 3
const SERVER_FAILURE = 2

export async function startNameServer(records: Record<string, string[]>): Promise<NameServer> {
  const socket = createSocket('udp4')
  const server = {
    records: new Map<string, readonly string[]>(Object.entries(records)),
    mood: 'well' as NameServer['mood'],
  }
  socket.on('message', (query, { port, address }) => {
    if (server.mood === 'silent') return
    socket.send(answerTo(query, server), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return Object.assign(server, {
    port: socket.address().port,
    close: () => void socket.close(),
  })
}

/** What makes a Node process ask this name server, and no other. */
export function asking({ port }: Pick<NameServer, 'port'>): string {
  const script = `import dns from "node:dns"; dns.setServers(["127.0.0.1:${port}"])`
  // Bare of what a shell would take for its own.
  const bare = encodeURIComponent(script).replaceAll('(', '%28').replaceAll(')', '%29')
  return `--import=data:text/javascript,${bare}`
}

function answerTo(query: Buffer, { records, mood }: Pick<NameServer, 'records' | 'mood'>): Buffer {
  const { name, end } = nameIn(query)
  const type = query.readUInt16BE(end)
  const question = query.subarray(12, end + 4)
  const texts = type === TXT ? records.get(name) : undefined
  const hosts = type === MX ? records.get(`MX ${name}`) : undefined
  const found =
    mood === 'servfail' ? [] : [...(texts ?? []).map(textRecord), ...(hosts ?? []).map(mxRecord)]
  const known = records.has(name) || records.has(`MX ${name}`)
  const code = mood === 'servfail' ? SERVER_FAILURE : known ? 0 : NO_SUCH_NAME
  const header = Buffer.alloc(12)
  query.copy(header, 0, 0, 2)
  header.writeUInt16BE(0x8180 | code, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(found.length, 6)
  return Buffer.concat([header, question, ...found])
}

function nameIn(query: Buffer): { name: string; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

/** Long texts come in parts of 255 octets, as they do. */
function textRecord(text: string): Buffer {
  const parts = (text.match(/.{1,255}/gs) ?? ['']).map((part) => {
    const bytes = Buffer.from(part, 'latin1')
    return Buffer.concat([Buffer.from([bytes.length]), bytes])
  })
  return record(TXT, Buffer.concat(parts))
}

function mxRecord(host: string): Buffer {
  const labels = host.split('.').map((label) => `${String.fromCharCode(label.length)}${label}`)
  const preference = Buffer.from([0, 10])
  return record(MX, Buffer.concat([preference, Buffer.from(`${labels.join('')}\0`, 'latin1')]))
}

function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(60, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}
