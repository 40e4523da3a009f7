import { type ChildProcess, spawn } from 'node:child_process'

/**
 * The watcher: a shell that reads our standing orders ("+123" guard that process group, "-123" no
 * longer) from a pipe. The pipe closes when we end, however we end, kill -9 included; then it stops
 * what it guards, with force after ten seconds. A shell starts at once, weighs a megabyte, and is
 * the same thing under tsx and in the built package.
 */
const WATCHER = `
guarded=
while read -r order; do
  case $order in
    +*) guarded="$guarded \${order#+}" ;;
    -*) rest=; for p in $guarded; do [ "$p" = "\${order#-}" ] || rest="$rest $p"; done; guarded=$rest ;;
  esac
done
for p in $guarded; do kill -s TERM -- "-$p" 2>/dev/null; done
tries=0
while [ $tries -lt 100 ]; do
  alive=
  for p in $guarded; do kill -s 0 -- "-$p" 2>/dev/null && alive=yes; done
  [ -z "$alive" ] && exit 0
  sleep 0.1
  tries=$((tries + 1))
done
for p in $guarded; do kill -s KILL -- "-$p" 2>/dev/null; done
`

export interface Guard {
  /** The watcher's own process id. */
  readonly pid: number | undefined
  /** From now on this process group ends when we do. */
  readonly add: (group: number) => void
  /** It has ended; its number may belong to somebody else soon. */
  readonly remove: (group: number) => void
  /** Dismisses the watcher, which stops what it still guards. */
  readonly close: () => void
}

/** Starts the watcher. It is started again should it be killed while we live. */
export function startGuard(): Guard {
  const groups = new Set<number>()
  let closed = false
  let watcher = launch()

  function launch(): ChildProcess {
    // Detached: a process group of its own, which Ctrl-C in the terminal does not reach.
    const child = spawn('/bin/sh', ['-c', WATCHER], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    child.unref()
    // The pipe of a watcher that was killed breaks; the exit handler deals with it.
    child.stdin?.on('error', () => {})
    child.once('exit', () => {
      if (!closed) watcher = launch()
    })
    for (const group of groups) child.stdin?.write(`+${group}\n`)
    return child
  }

  return {
    get pid() {
      return watcher.pid
    },
    add(group) {
      groups.add(group)
      watcher.stdin?.write(`+${group}\n`)
    },
    remove(group) {
      groups.delete(group)
      watcher.stdin?.write(`-${group}\n`)
    },
    close() {
      closed = true
      watcher.stdin?.end()
    },
  }
}
