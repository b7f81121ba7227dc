import { describe, expect, it } from 'vitest'
import { hasLooseOr, joined, quoted, without } from '$lib/filter/clauses'

describe('the text of a filter', () => {
  it('finds an or between clauses, but not inside quotes, parentheses or words', () => {
    for (const text of ['a or b', 'status:404 OR probe', '(a b) or c']) expect(hasLooseOr(text), text).toBe(true)
    for (const text of ['', 'order', '"a or b"', '(a or b)', 'path:emails[type eq "x or y"]', 'status:(1 or 2)'])
      expect(hasLooseOr(text), text).toBe(false)
  })

  it('keeps the meaning when clauses are put beside an or', () => {
    expect(joined('', ' a or b ')).toBe('a or b')
    expect(joined('a or b', 'c')).toBe('(a or b) c')
    expect(joined('c', 'a or b')).toBe('c (a or b)')
    expect(joined('a', '  ')).toBe('a')
  })

  it('takes a clause out without leaving blanks behind', () => {
    expect(without('a bb c', 2, 4)).toBe('a c')
    expect(without('a bb', 2, 4)).toBe('a')
    expect(without('bb', 0, 2)).toBe('')
  })

  it('quotes what would not be read as one value', () => {
    expect([quoted('ada'), quoted('Ada L'), quoted('a"b'), quoted('-x'), quoted('')]).toEqual([
      'ada',
      '"Ada L"',
      '"a\\"b"',
      '"-x"',
      '""',
    ])
  })
})
