// Completes package-lock.json with the binaries of other platforms.
//
// Packages with native parts name one optional package for each platform. npm writes only those
// into the lock that the registry in use could answer for, and `npm ci` then refuses the lock as
// incomplete, here or on the next machine. Run this after every change of a dependency:
//
//   npm run lock                       adds them
//   npm run lock -- --check            only counts them
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))
const { packages } = lock

let added = 0
for (const [path, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (find(path, name)) continue
    packages[`node_modules/${name}`] = platformPackage(name, version, entry)
    added += 1
  }
}

if (process.argv.includes('--check')) {
  console.log(`package-lock.json: ${added} packages of other platforms are missing`)
} else {
  lock.packages = Object.fromEntries(
    Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  )
  if (added > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`package-lock.json: ${added} packages of other platforms added`)
}

/** Whether Node would find `name` when the package at `path` asks for it. */
function find(path, name) {
  const folders = path.split('/node_modules/').map((_, i, all) => all.slice(0, i + 1))
  const candidates = folders.map((parts) => `${parts.join('/node_modules/')}/node_modules/${name}`)
  return [`node_modules/${name}`, ...candidates].some((candidate) => candidate in packages)
}

/** The lock's entry for a binary whose platform its name tells: "…/core-linux-arm64-musl". */
function platformPackage(name, version, owner) {
  const match =
    /(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64)(?:-(gnu|musl|msvc|eabi|gnueabihf|musleabihf))?$/.exec(
      name,
    )
  if (!match || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`${name}@${version} is missing from the lock, and its name tells no platform`)
  }
  const [, os, cpu, abi] = match
  const libc = { gnu: 'glibc', musl: 'musl' }[abi]
  return {
    version,
    cpu: [cpu],
    ...(owner.dev ? { dev: true } : {}),
    ...(libc ? { libc: [libc] } : {}),
    ...(owner.license ? { license: owner.license } : {}),
    optional: true,
    os: [os],
  }
}
