// Keeps one throw-away Postgres for tests, and ends it with them.
//
//   node --import tsx test/support/postgres-keeper.ts '{"bin": "…", "fsync": false}'
//
// Prints one JSON line `{"url": "…"}` when the server accepts connections. It stops the server
// and removes its folder when standard input closes, which also happens when the process that
// started it is killed: nothing is left behind.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

const options = z
  .object({ bin: z.string(), fsync: z.boolean() })
  .parse(JSON.parse(process.argv[2] ?? ''))

const folder = mkdtempSync(join(tmpdir(), 'rekindle-postgres-'))
const data = join(folder, 'data')
const user = unprivilegedUser()
let server: ChildProcess | null = null
let stopping = false

process.stdin.resume()
process.stdin.on('end', stop)
process.stdin.on('error', stop)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)

try {
  const password = initialise()
  const port = await freePort()
  server = startServer(port)
  await accepting(server)
  process.stdout.write(
    `${JSON.stringify({ url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres` })}\n`,
  )
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  stop()
  process.exitCode = 1
}

/** Creates the cluster and answers the password of its superuser. */
function initialise(): string {
  const password = randomBytes(18).toString('hex')
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (user) {
    chownSync(folder, user.uid, user.gid)
    chownSync(passwordFile, user.uid, user.gid)
  }
  chmodSync(folder, 0o700)
  const result = spawnSync(
    join(options.bin, 'initdb'),
    [
      ...['--pgdata', data, '--username', 'postgres', '--pwfile', passwordFile],
      ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--no-locale', '--no-sync'],
    ],
    { cwd: folder, encoding: 'utf8', ...user },
  )
  rmSync(passwordFile)
  if (result.status !== 0) {
    throw new Error(`initdb failed: ${result.stderr || result.error?.message || 'no reason given'}`)
  }
  return password
}

function startServer(port: number): ChildProcess {
  const onOff = options.fsync ? 'on' : 'off'
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '64MB',
    timezone: 'UTC',
    fsync: onOff,
    synchronous_commit: onOff,
    full_page_writes: onOff,
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(join(options.bin, 'postgres'), ['-D', data, ...flags], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    // A Ctrl-C in the terminal must not reach the server before the tests have let go of it.
    detached: true,
    ...user,
  })
  child.on('exit', stop)
  return child
}

function accepting(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-4000)
      if (log.includes('ready to accept connections')) resolve()
    })
    child.on('error', reject)
    child.on('exit', () => reject(new Error(`postgres ended at once:\n${log}`)))
  })
}

function stop(): void {
  if (stopping) return
  stopping = true
  if (!server || server.exitCode !== null || server.signalCode !== null) return clean()
  server.on('exit', clean)
  server.kill('SIGINT') // Postgres' fast shutdown
}

function clean(): void {
  rmSync(folder, { recursive: true, force: true })
  process.exit()
}

/** Postgres refuses to run as root; then it runs as `postgres`, else as `nobody`. */
function unprivilegedUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const entries = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = entries.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('Postgres cannot run as root, and there is neither a user postgres nor nobody')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}
