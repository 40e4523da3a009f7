import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

it('no asset of src/ has the name that a module gets in the build', () => {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'src'], {
    encoding: 'utf8',
  })
  const files = listed.split('\n').filter((file) => file !== '')
  const assets = files.filter((file) => !/\.tsx?$/.test(file))
  const sources = files.filter((file) => /\.tsx?$/.test(file))
  expect(assets.length).toBeGreaterThan(0)
  const clashing = assets.filter((asset) =>
    sources.some((source) => source.replace(/\.tsx?$/, '.js') === asset),
  )
  expect(clashing).toEqual([])
})
