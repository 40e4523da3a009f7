// Builds dist/: the compiled sources and the workflow bundle that a worker loads without
// bundling at start. `dist/build.json` is written last, so its presence means a whole build.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = join(root, 'src')
const dist = join(root, 'dist')

rmSync(dist, { recursive: true, force: true })
compile()
copyAssets()
await bundleWorkflows()
writeFileSync(
  join(dist, 'build.json'),
  `${JSON.stringify({ builtAt: new Date().toISOString() })}\n`,
)

function compile() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const result = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (result.status !== 0) process.exit(result.status ?? 1)
}

/** Copies what sits beside the sources and is no TypeScript (a stylesheet, a browser script). */
function copyAssets() {
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    const from = join(source, name)
    if (['.ts', '.tsx'].includes(extname(name)) || !statSync(from).isFile()) continue
    if (existsSync(join(dist, name))) {
      throw new Error(`src/${name} and a compiled module want the same name; rename the asset.`)
    }
    cpSync(from, join(dist, name))
  }
}

async function bundleWorkflows() {
  const workflowsPath = join(dist, 'workflows', 'index.js')
  if (!existsSync(workflowsPath)) return
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker')
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    logger: new DefaultLogger('WARN'),
  })
  writeFileSync(join(dist, 'workflow-bundle.js'), code)
}
