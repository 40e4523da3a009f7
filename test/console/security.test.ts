import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeUrl } from '../../src/console/security.ts'

describe('an address that a page links to', () => {
  it('is http, https or a path of ours', () => {
    for (const url of ['https://acme.example/a?b=c', 'http://127.0.0.1:8233/x', '/leads/1', '/']) {
      expect(safeUrl(url)).toBe(url)
    }
  })

  it('is nothing that runs or leads elsewhere in disguise', () => {
    const bad = [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      ' javascript:alert(1)',
      'java\nscript:alert(1)',
      'data:text/html,<script>1</script>',
      'vbscript:x',
      'file:///etc/passwd',
      '//evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      'evil.example',
      '',
    ]
    for (const url of bad) expect(safeUrl(url), url).toBeNull()
  })

  it('as a path never leaves this origin, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const path = safeUrl(`/${text}`)
        if (path === null) return
        expect(new URL(path, 'http://127.0.0.1:7300').origin).toBe('http://127.0.0.1:7300')
      }),
    )
  })
})
