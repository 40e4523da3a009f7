import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeCommands } from '../../src/cli/commands.ts'
import { type Harness, startHarness } from '../api/harness.ts'

/** What a reader of the guides may follow, type or open is there. */

let api: Harness
/** "GET /v1/leads/{}": every route that is described. */
let routes: ReadonlySet<string>
beforeAll(async () => {
  api = await startHarness()
  const response = await api.privateApp.request('http://127.0.0.1:7300/openapi.json')
  const { paths } = (await response.json()) as { paths: Record<string, object> }
  routes = new Set(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${shapeOf(path)}`),
    ),
  )
})
afterAll(() => api.close())

/** A path without the names of its parameters: `{id}`, `:id`, `ID` and `<id>` are one. */
function shapeOf(path: string): string {
  return path.replaceAll(/\{[^}]+\}|:\w+|<\w+>|\b[A-Z][A-Z_]+\b/g, '{}').replace(/[.,;]+$/, '')
}

const FILES = execFileSync('git', ['ls-files', '*.md'], { encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => !file.startsWith('test/'))
const text = (file: string) => readFileSync(file, 'utf8')

/** The name that a heading has in a link. */
const anchorOf = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
    .replaceAll(' ', '-')
const anchorsOf = (file: string) =>
  [...text(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))

function deadLinks(file: string): string[] {
  const links = [...text(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? file : join(dirname(file), path)
    if (!existsSync(target)) return true
    return anchor !== undefined && !anchorsOf(target).includes(anchor)
  })
}

function missingPaths(file: string): string[] {
  const paths = [
    ...text(file).matchAll(/`((?:src|test|docs|data|bench|scripts|deploy|bin)\/[\w./-]+)`/g),
  ]
  return paths.flatMap(([, path = '']) => (existsSync(path) ? [] : [path]))
}

describe.each(FILES)('%s', (file) => {
  it('links to what is there', () => {
    expect(deadLinks(file)).toEqual([])
  })

  it('names files that are there', () => {
    expect(missingPaths(file)).toEqual([])
  })

  it('tells only routes that there are', () => {
    const told = [
      ...text(file).matchAll(/\b(GET|POST|PUT|PATCH|DELETE) (\/v1\/[\w/:<>-]*[\w>])(?![\w/{])/g),
    ]
    const unknown = told.filter(([, method, path = '']) => !isRoute(`${method} ${shapeOf(path)}`))
    expect(unknown.map(([written]) => written)).toEqual([])
  })

  it('tells only commands and options that there are', () => {
    expect(unknownCommands(text(file))).toEqual([])
  })
})

/** Examples name a lead where the route has a parameter; a guide says ACTION for any of them. */
function isRoute(route: string): boolean {
  const parts = route.split('/')
  return [...routes].some((known) => {
    const shape = known.split('/')
    return (
      shape.length === parts.length &&
      shape.every((part, index) => part === parts[index] || [part, parts[index]].includes('{}'))
    )
  })
}

it('commands that are not there would be found', () => {
  expect(unknownCommands('`rekindle leads lst`')).toEqual(['rekindle leads lst'])
  expect(unknownCommands('`bin/rekindle demo --fast`')).toEqual(['rekindle demo --fast'])
})

/** The commands of a text that the command line would refuse, as they are written. */
function unknownCommands(written: string): string[] {
  const commands = [...written.matchAll(/\brekindle ((?:[a-z][a-z-]+)\b[^`\n|#"'’]*)/g)]
  return commands.flatMap(([, line = '']) => {
    const words = line.trim().split(/\s+/)
    const { command, rest } = follow(ROOT, words)
    if (command === ROOT) return isCommandLike(written, line) ? [`rekindle ${line.trim()}`] : []
    const [first = ''] = rest
    const misses =
      (command.commands.length > 0 && /^[a-z-]+$/.test(first)) ||
      rest.some((word) => isUnknownOption(command, word))
    return misses ? [`rekindle ${line.trim()}`] : []
  })
}

/** Prose speaks of Rekindle in capitals; only what stands as code is a command. */
function isCommandLike(written: string, line: string): boolean {
  return written.includes(`\`rekindle ${line}`) || written.includes(`bin/rekindle ${line}`)
}

function follow(command: Command, words: readonly string[]): { command: Command; rest: string[] } {
  const [first, ...rest] = words
  const next = command.commands.find((each) => each.name() === first)
  return next === undefined ? { command, rest: [...words] } : follow(next, rest)
}

function isUnknownOption(command: Command, word: string): boolean {
  const [option] = /^--[a-z][a-z-]*/.exec(word) ?? []
  if (option === undefined || option === '--help') return false
  return !command.options.some(({ long }) => long === option)
}

/** `help` is no command of its own: the command line reads it as `--help`. */
const ROOT = new Command('rekindle').addCommand(new Command('help'))
describeCommands(ROOT, (command) => void command.option('--json'))
