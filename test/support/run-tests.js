// `npm test`: prepares what the tests need beyond the npm packages, runs every test, and ends
// with one line: N passed, N failed (, N skipped). Arguments go on to vitest.
//
//   npm test                          everything
//   npm test -- test/domain           what lies there
//
// Plain JavaScript: it must run before anything is known to work.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** However slow the machine, some file is done every few minutes. Silence for this long is a hang. */
const SILENCE_MS = 15 * 60_000

const root = fileURLToPath(new URL('../..', import.meta.url))
const require = createRequire(import.meta.url)
const summary = { passed: 0, failed: 0, skipped: 0 }

prepareChromium()
preparePostgres()
prepareBuild()
prepareDovecot()
if (prepareTemporal()) await runVitest(process.argv.slice(2))
finish()

/** Browser tests need a real Chromium; on Debian its package is installed when we may. */
function prepareChromium() {
  const given = process.env.CHROMIUM_PATH
  if (given) return say(`Chromium: ${given} (CHROMIUM_PATH)`)
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  const found = names.map(onPath).find((path) => path !== null)
  if (found) return say(`Chromium: ${found}`)
  if (!onPath('apt-get')) return say('Chromium: not found; browser tests will be skipped.')

  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  if (sudo.length > 0 && !succeeds(['sudo', '-n', 'true'])) {
    return say(
      'Chromium: not found; browser tests will be skipped. To run them: sudo apt-get install chromium',
    )
  }
  say('Chromium: not found; installing the Debian package …')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium']
  const done =
    succeeds([...sudo, ...install], env) ||
    (succeeds([...sudo, 'apt-get', 'update', '-qq'], env) && succeeds([...sudo, ...install], env))
  say(done ? 'Chromium: installed.' : 'Chromium: could not be installed; browser tests will skip.')
}

/**
 * The whole run tests the command line as it ships: as a build, which also starts in half the time
 * of the source. A part of the tests runs what there is.
 */
function prepareBuild() {
  if (process.argv.length > 2) return
  const done = succeeds([process.execPath, join(root, 'scripts/build.js')])
  if (!done) summary.failed += 1
  say(done ? 'Build: made.' : 'Build: failed; the command line is tested from its source.')
}

/** Store tests run on PGlite always, and on a real Postgres where there is one. */
function preparePostgres() {
  if (process.env.TEST_DATABASE_URL) return say('Postgres: TEST_DATABASE_URL')
  if (onPath('postgres') || existsSync('/usr/lib/postgresql')) return say('Postgres: found')
  say('Postgres: not found; tests on a real Postgres will be skipped (PGlite is tested).')
}

/**
 * IMAP is tested against a real Dovecot. Its Debian package brings a service that starts by itself,
 * so it is installed only where we are root, which is a container.
 */
function prepareDovecot() {
  const installed = () => existsSync('/usr/sbin/dovecot') && existsSync('/usr/lib/dovecot/imap')
  if (installed()) return say('Dovecot: found')
  if (!onPath('apt-get') || process.getuid?.() !== 0) {
    return say(
      'Dovecot: not found; IMAP tests will be skipped. To run them: sudo apt-get install dovecot-imapd',
    )
  }
  say('Dovecot: not found; installing the Debian package …')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'dovecot-imapd']
  const done =
    succeeds(install, env) ||
    (succeeds(['apt-get', 'update', '-qq'], env) && succeeds(install, env))
  say(
    done && installed()
      ? 'Dovecot: installed.'
      : 'Dovecot: could not be installed; IMAP tests will skip.',
  )
}

/** Finds the Temporal server, or builds it the first time: minutes, with each step shown. */
function prepareTemporal() {
  if (process.env.TEST_TEMPORAL_ADDRESS) {
    say('Temporal server: TEST_TEMPORAL_ADDRESS')
    return true
  }
  say('Temporal server: looking …')
  const result = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(root, 'test/support/prepare-temporal.ts')],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  )
  if (result.status === 0) return true
  say('No Temporal server that can skip time was found or built; the reasons are above.')
  say('Tests that need none: npm run test:unit')
  summary.failed += 1
  return false
}

async function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-tests-'))
  const report = join(folder, 'report.json')
  const vitest = join(require.resolve('vitest/package.json'), '..', 'vitest.mjs')
  const child = spawn(
    process.execPath,
    [
      ...[vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      ...args,
    ],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) },
    },
  )
  const limit = setTimeout(() => {
    say(`Nothing was printed for ${SILENCE_MS / 60_000} minutes, so the run was ended.`)
    child.kill('SIGTERM')
    setTimeout(() => child.kill('SIGKILL'), 20_000).unref()
  }, SILENCE_MS)
  child.stdout.on('data', () => limit.refresh()).pipe(process.stdout, { end: false })
  const closed = once(child, 'close')
  const [code] = await once(child, 'exit')
  clearTimeout(limit)
  // The last lines; what a killed run leaves behind may hold the pipe open for ever.
  await Promise.race([closed, pause(2_000)])
  child.stdout.destroy()

  count(report)
  rmSync(folder, { recursive: true, force: true })
  // An error outside every test, or a crash: vitest says so with its exit code alone.
  if (code !== 0 && summary.failed === 0) summary.failed += 1
}

function count(report) {
  if (!existsSync(report)) return
  for (const file of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    const states = file.assertionResults.map((test) => test.status)
    summary.passed += states.filter((state) => state === 'passed').length
    const failed = states.filter((state) => state === 'failed').length
    // A file that could not be loaded, or whose hooks failed, fails as one.
    summary.failed += failed === 0 && file.status === 'failed' ? 1 : failed
    summary.skipped += states.filter((state) => !['passed', 'failed'].includes(state)).length
  }
}

function finish() {
  if (summary.passed + summary.failed === 0) {
    say('No test ran.')
    summary.failed = 1
  }
  const skipped = summary.skipped > 0 ? `, ${summary.skipped} skipped` : ''
  process.exitCode = summary.failed > 0 ? 1 : 0
  say(`${summary.passed} passed, ${summary.failed} failed${skipped}`)
}

function onPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
  return found ?? null
}

function succeeds([command, ...args], env = process.env) {
  return spawnSync(command, args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}

function say(line) {
  console.log(line)
}
