import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Faults planted in a copy of the project's settings: the linter must name each. */
const planted = [
  {
    fault: 'a promise nobody waits for',
    rule: 'no-floating-promises',
    file: 'src/api/floating.ts',
    code: 'async function save() {}\nexport function go(): void {\n  save()\n}\n',
  },
  {
    fault: 'a promise in a workflow that is waved away',
    rule: 'no-floating-promises',
    file: 'src/workflows/waved.ts',
    code: 'async function save() {}\nexport function go(): void {\n  void save()\n}\n',
  },
  {
    fault: 'an async function where nobody looks at its promise',
    rule: 'no-misused-promises',
    file: 'src/api/misused.ts',
    code: 'async function save() {}\nexport const go = () => [1].forEach(async () => save())\n',
  },
  {
    fault: 'an await of what is no promise',
    rule: 'await-thenable',
    file: 'src/api/await.ts',
    code: 'export async function go(): Promise<number> {\n  return await 1\n}\n',
  },
  {
    fault: 'any',
    rule: 'no-explicit-any',
    file: 'src/api/any.ts',
    code: 'export const go = (x: any): unknown => x\n',
  },
  {
    fault: 'a non-null assertion',
    rule: 'no-non-null-assertion',
    file: 'src/api/assertion.ts',
    code: 'export const go = (x: string | null): string => x!\n',
  },
  {
    fault: 'a type imported as a value',
    rule: 'consistent-type-imports',
    file: 'src/api/import.ts',
    code: "import { Stats } from 'node:fs'\nexport const go = (x: Stats): number => x.size\n",
  },
  {
    fault: 'state at module level of a workflow',
    rule: 'no-module-state',
    file: 'src/workflows/state.ts',
    code: 'let count = 0\nexport const go = (): number => (count += 1)\n',
  },
  {
    fault: 'a module of Node in a workflow',
    rule: 'no-nodejs-modules',
    file: 'src/workflows/node.ts',
    code: "import { hostname } from 'node:os'\nexport const go = (): string => hostname()\n",
  },
  {
    fault: 'a switch that forgets a case',
    rule: 'switch-exhaustiveness-check',
    file: 'src/domain/switch.ts',
    code: "export function go(x: 'a' | 'b'): void {\n  switch (x) {\n    case 'a':\n  }\n}\n",
  },
]

const root = process.cwd()
let folder: string
let findings: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rekindle-lint-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const name of ['package.json', 'tsconfig.json', '.oxlintrc.json', 'scripts']) {
    await cp(join(root, name), join(folder, name), { recursive: true })
  }
  for (const { file, code } of planted) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), code)
  }
  findings = await lint(folder)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the linter', () => {
  it.each(planted)('finds $fault', ({ file, rule }) => {
    const lines = findings.split('\n').filter((line) => line.startsWith(file))
    expect(lines.some((line) => line.includes(`(${rule})`))).toBe(true)
  })
})

function lint(cwd: string): Promise<string> {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint')
  const args = [oxlint, '--type-aware', '--deny-warnings', '--format', 'unix']
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd }, (_error, stdout) => resolve(stdout))
  })
}
