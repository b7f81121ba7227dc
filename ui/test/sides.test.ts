import { describe, expect, it } from 'vitest'
import { markdown, phrases } from '$lib/format/changes'
import { aligned, folded, sides } from '$lib/format/sides'

describe('two states side by side', () => {
  it('show what changed beside each other, and the order of members is no change', () => {
    const rows = sides({ b: 1, a: { x: 1, y: 2 } }, { a: { y: 2, x: 5 }, b: 1 })
    expect(rows.filter((row) => row.kind !== 'same').map((row) => [row.before?.text, row.after?.text])).toEqual([
      ['    "x": 1', '    "x": 5'],
    ])
    expect(sides({ b: 1, a: 2 }, { a: 2, b: 1 }).every((row) => row.kind === 'same')).toBe(true)
  })

  it('match elements of a list by what they are, wherever they stand', () => {
    const rows = sides(
      { members: [{ value: 'a' }, { value: 'b' }] },
      { members: [{ value: 'b' }, { value: 'a' }, { value: 'c' }] },
    )
    expect(rows.filter((row) => row.kind === 'added').map((row) => row.after?.text.trim())).toContain('"value": "c"')
    expect(rows.some((row) => row.kind === 'removed')).toBe(false)
    expect(aligned([1, 2], [2, 3])).toEqual([2, 1])
  })

  it('of something that is new have one side only', () => {
    expect(sides(undefined, { a: 1 }).map((row) => row.kind)).toEqual(['added', 'added', 'added'])
    expect(sides({ a: 1 }, null).map((row) => row.kind)).toEqual(['removed', 'removed', 'removed'])
  })

  it('fold what did not change', () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`k${index}`, index]))
    const blocks = folded(sides({ ...many, z: 1 }, { ...many, z: 2 }))
    expect(blocks.map((block) => [block.kind, block.rows.length])).toEqual([
      ['folded', 29],
      ['rows', 4],
    ])
  })
})

describe('changes in words', () => {
  it('count the elements of a list and tell the rest one by one', () => {
    expect(
      phrases([
        { path: 'department', action: 'changed', before: 'Sales', after: 'Finance' },
        { path: 'members[value eq "1"]', action: 'added', after: { value: '1', display: 'Ada' } },
        { path: 'members[value eq "2"]', action: 'added', after: { value: '2' } },
        { path: 'title', action: 'removed', before: 'Countess' },
      ]),
    ).toEqual(['+2 members (Ada, 2)', 'department: Sales → Finance', 'title is gone, it was Countess'])
  })

  it('make a table in Markdown that no value breaks', () => {
    const text = markdown('User Ada', [
      { path: 'title', action: 'changed', before: 'a|b', after: '`x`\ny', operation: 1 },
    ])
    expect(text.split('\n').slice(2)).toEqual([
      '|  | Path | Before | After | Operation |',
      '| --- | --- | --- | --- | --- |',
      "| ~ changed | `title` | `a\\|b` | `'x' y` | 2 |",
      '',
    ])
  })
})
