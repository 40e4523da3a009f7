// Small shell scripts that stand for the programs a Temporal server may come from: real processes
// that answer as those do.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A throw-away folder with a `bin` for PATH and a `cache`, and an environment that knows no more. */
export interface Sandbox {
  readonly folder: string
  readonly bin: string
  readonly cache: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly remove: () => Promise<void>
}

export async function sandbox(): Promise<Sandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-find-'))
  const bin = join(folder, 'bin')
  const cache = join(folder, 'cache')
  await mkdir(bin)
  return {
    folder,
    bin,
    cache,
    env: { PATH: bin, HOME: folder, REKINDLE_CACHE: cache },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Writes an executable shell script. */
export async function script(path: string, body: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return path
}

/** A `temporal` that tells these versions; with `flag`, its help knows --enable-time-skipping. */
export function fakeCli(path: string, cli: string, server: string, flag = false): Promise<string> {
  const help = flag ? '  --enable-time-skipping   Skip time.' : '  --headless   No Web UI.'
  return script(
    path,
    `case "$*" in
  --version) echo "temporal version ${cli} (Server ${server}, UI 2.54.1)" ;;
  *--help*) echo "${help}" ;;
  *) echo "no such command" >&2; exit 1 ;;
esac`,
  )
}

/** A plain `server` that tells this version and cannot start. */
export function fakeServer(path: string, version: string): Promise<string> {
  return script(path, serverScript(version))
}

/** A `go` that builds a `server` telling this version, counts its runs, and may take its time. */
export function fakeGo(
  box: Sandbox,
  version: string,
  options: { readonly until?: string } = {},
): Promise<string> {
  const wait = options.until ? `while [ ! -e ${options.until} ]; do /bin/sleep 0.02; done` : ''
  return script(
    join(box.bin, 'go'),
    `echo "$*" >> ${join(box.folder, 'go-runs')}
echo "go: downloading some/module v1.0.0" >&2
echo "some/package" >&2
${wait}
/bin/cat > "$GOBIN/server" <<'SERVER'
#!/bin/sh
${serverScript(version)}
SERVER
/bin/chmod 755 "$GOBIN/server"`,
  )
}

function serverScript(version: string): string {
  return `case "$*" in
  --version) echo "temporal version ${version}" ;;
  *) echo "the disk is full"; exit 7 ;;
esac`
}
