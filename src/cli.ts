// The command line. bin/rekindle runs this, from the build or from the source.
import { runCli } from './cli/program.ts'

process.exitCode = await runCli(process.argv.slice(2))
