// Bundles the workflows once for a whole test run: a worker that gets the finished bundle
// (`workflowBundle: { codePath: inject('workflowBundlePath') }`) starts seconds sooner.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The file with the bundle of src/workflows/index.ts. */
    workflowBundlePath: string
  }
}

/** Vitest's global set-up: see the head of this file. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const run = shared()
  run.users += 1
  run.folder ??= bundle()
  const folder = await run.folder
  project.provide('workflowBundlePath', join(folder, 'workflow-bundle.js'))
  return async () => {
    run.users -= 1
    if (run.users === 0) await rm(folder, { recursive: true, force: true })
  }
}

async function bundle(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-bundle-'))
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(import.meta.dirname, '../../src/workflows/index.ts'),
    logger: new DefaultLogger('WARN'),
  })
  await writeFile(join(folder, 'workflow-bundle.js'), code)
  return folder
}

interface SharedRun {
  users: number
  folder: Promise<string> | null
}

/** Several vitest projects load this file, each its own copy; the bundle is one all the same. */
function shared(): SharedRun {
  const key = Symbol.for('rekindle.test.workflow-bundle')
  const holder = globalThis as { [key: symbol]: SharedRun | undefined }
  return (holder[key] ??= { users: 0, folder: null })
}
