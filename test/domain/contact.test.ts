import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizeEmail, normalizePhone } from '../../src/domain/contact.ts'

describe('normalizeEmail', () => {
  it.each([
    ['Ada@Example.COM', 'ada@example.com'],
    ['  ada@example.com\n', 'ada@example.com'],
    ['ada+quotes@example.com', 'ada+quotes@example.com'],
    ['a.d.a@example.com', 'a.d.a@example.com'],
    ["o'neil@example.co.uk", "o'neil@example.co.uk"],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('writes %j as %j', (raw, value) => {
    expect(normalizeEmail(raw)).toEqual({ ok: true, value })
  })

  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['ada', 'not_one_address'],
    ['@example.com', 'not_one_address'],
    ['Ada <ada@example.com>', 'not_one_address'],
    ['ada@example.com,bob@example.com', 'not_one_address'],
    ['ada@bob@example.com', 'not_one_address'],
    ['a da@example.com', 'not_one_address'],
    ['ada..b@example.com', 'local_part'],
    ['.ada@example.com', 'local_part'],
    ['ada.@example.com', 'local_part'],
    ['äda@example.com', 'local_part_not_ascii'],
    ['ada@', 'domain'],
    ['ada@localhost', 'domain'],
    ['ada@-example.com', 'domain'],
    ['ada@exa_mple.com', 'domain'],
    ['ada@example..com', 'domain'],
    ['ada@example.com.', 'domain'],
    ['ada@192.0.2.1', 'domain'],
    ['ada@[192.0.2.1]', 'domain'],
    ['ada@0x7f.1', 'domain'],
    ['ada@example.com/path', 'domain'],
    ['ada@example.com:25', 'domain'],
    [`${'a'.repeat(65)}@example.com`, 'too_long'],
    [`ada@${'a.'.repeat(130)}com`, 'too_long'],
    [`ada@${'x'.repeat(5000)}.com`, 'too_long'],
  ])('refuses %j: %s', (raw, code) => {
    expect(normalizeEmail(raw)).toMatchObject({ ok: false, code })
  })

  it('gives what it gave when asked again', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (raw) => {
        const once = normalizeEmail(raw)
        expect(once.ok ? normalizeEmail(once.value) : once).toEqual(once)
      }),
    )
  })

  it('never throws and never repeats what it was given', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 9, maxLength: 400, unit: 'binary' }), (raw) => {
        const result = normalizeEmail(raw)
        const words = result.ok ? '' : `${result.because} ${result.fix}`
        expect(words).not.toContain(raw.trim() || '\0')
      }),
    )
  })
})

describe('normalizePhone', () => {
  it.each([
    '+12125550142',
    '2125550142',
    '12125550142',
    '(212) 555-0142',
    '1-212-555-0142',
    '212.555.0142',
    'tel:+1-212-555-0142',
    ' +1 212 555 0142 ',
    '２１２５５５０１４２',
  ])('reads %j', (raw) => {
    expect(normalizePhone(raw)).toEqual({ ok: true, value: '+12125550142' })
  })

  it.each([
    '357',
    '436',
    '457',
    '465',
    '471',
    '483',
    '621',
    '624',
    '679',
    '729',
    '837',
    '861',
    '924',
  ])('accepts the new area code %s, which the library does not know yet', (areaCode) => {
    expect(normalizePhone(`(${areaCode}) 555-0142`)).toEqual({
      ok: true,
      value: `+1${areaCode}5550142`,
    })
  })

  it.each([
    ['+44 7911 123456', '+447911123456'],
    ['+33 6 12 34 56 78', '+33612345678'],
    ['+1 416 555 0142', '+14165550142'],
    ['+1 876 555 0142', '+18765550142'],
    ['011 44 7911 123456', '+447911123456'],
  ])('reads %j of another country', (raw, value) => {
    expect(normalizePhone(raw)).toEqual({ ok: true, value })
  })

  it('reads a bare number as one of the default country', () => {
    expect(normalizePhone('07911 123456', 'GB')).toEqual({ ok: true, value: '+447911123456' })
  })

  it.each([
    ['', 'empty'],
    ['ask my wife', 'not_a_number'],
    ['1-800-FLOWERS', 'not_a_number'],
    ['call 212 555 0142', 'not_a_number'],
    ['+999 1234 5678', 'not_a_number'],
    ['555-0142', 'too_short'],
    ['911', 'too_short'],
    ['+1555123456', 'too_short'],
    ['+1 212 555 0142 / 212 555 0143', 'too_long'],
    ['+1 212 555 01423', 'too_long'],
    ['2'.repeat(100), 'too_long'],
    ['(212) 555-0142 x12', 'has_extension'],
    ['+1 212 055 0142', 'not_assignable'],
    ['+1 212 911 0142', 'not_assignable'],
    ['+1 911 555 0142', 'not_assignable'],
    ['+1 291 555 0142', 'not_assignable'],
    ['+1 371 555 0142', 'not_assignable'],
    ['+44 1', 'too_short'],
  ])('refuses %j: %s', (raw, code) => {
    expect(normalizePhone(raw)).toMatchObject({ ok: false, code })
  })

  it('gives what it gave when asked again, and never throws', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789+-() x#'), maxLength: 24 })
    fc.assert(
      fc.property(digits, (raw) => {
        const once = normalizePhone(raw)
        expect(once.ok ? normalizePhone(once.value) : once).toEqual(once)
      }),
    )
  })
})
