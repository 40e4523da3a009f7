// A process that tries to own a data folder and says "won" or the code of the refusal. A winner
// keeps the folder until its standard input ends.

import { takeOwnerLock } from '../../src/store/engine/owner-lock.ts'
import { StoreError } from '../../src/store/errors.ts'

const [dataDir] = process.argv.slice(2)
if (dataDir === undefined) throw new Error('which data folder?')

process.stdout.write('ready\n')
process.stdin.once('data', () => {
  try {
    takeOwnerLock(dataDir)
    process.stdout.write('won\n')
  } catch (error) {
    process.stdout.write(`${error instanceof StoreError ? error.code : String(error)}\n`)
  }
})
