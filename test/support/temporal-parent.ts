// A process of its own that starts a Temporal server on the folder given, says where it is, and
// then lives until somebody ends it. It ignores Ctrl-C, as a worker does that still drains.
import { startTemporal } from '../../src/local/temporal/server.ts'

process.on('SIGINT', () => {})
const [folder = ''] = process.argv.slice(2)
const result = await startTemporal({ store: { kind: 'folder', folder }, private: true, ui: true })
if (result.kind === 'failed') throw new Error(result.problem.message)
const { address, uiUrl } = result.server
console.log(JSON.stringify({ address, uiUrl, pid: result.server.pid() }))
setInterval(() => {}, 60_000)
