// The command line. bin/rekindle runs this, from the build or from the source.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runCli } from './cli/program.ts'
import { companyFolderOf } from './local/folder.ts'

// A company's folder brings its environment along; what is set already stands.
const folder = companyFolderOf(process.env.REKINDLE_FOLDER)
const file = folder === null ? null : join(folder, '.env')
if (file !== null && existsSync(file)) process.loadEnvFile(file)

process.exitCode = await runCli(process.argv.slice(2))
