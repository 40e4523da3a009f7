// Makes sure that a Temporal server which can skip time is on this machine before the tests
// start. The first time this may build the official server, which takes minutes: each step is
// shown. Exit code 3 when there is none to be had.
import { findTemporal } from '../../src/local/temporal/find.ts'

const result = await findTemporal({
  private: true,
  needTimeSkipping: true,
  ui: false,
  onProgress: (line) => console.log(`  ${line}`),
})

if (result.kind === 'found') {
  const { found } = result
  console.log(found.kind === 'address' ? found.address : found.path)
} else {
  for (const { place, problem } of result.refused) {
    console.error(`  ${place}: ${problem.message} ${problem.fix}`)
  }
  process.exitCode = 3
}
