import { describe, expect, it } from 'vitest'
import { cut, laidOut } from '$lib/format/lines'

describe('a long text', () => {
  it('is laid out like JSON, with every value as it was written', () => {
    const text = '{"a":[1.0,{"b":"x, {y} \\" z"}],"e":{},"l":[ ]}'
    expect(laidOut(text)).toBe(
      '{\n  "a": [\n    1.0,\n    {\n      "b": "x, {y} \\" z"\n    }\n  ],\n  "e": {},\n  "l": []\n}',
    )
    expect(JSON.parse(laidOut(text))).toEqual(JSON.parse(text))
  })

  it('that is broken JSON is laid out as far as it goes', () => {
    expect(laidOut('{"a":"never closed')).toBe('{\n  "a": "never closed')
    expect(laidOut(']]')).toBe('\n]\n]')
  })

  it('is cut into lines, long ones in pieces, and nothing is lost', () => {
    const { text, starts } = cut(`ab\n\n${'c'.repeat(9000)}\nd`)
    const lines = [...starts.slice(0, -1)].map((start, index) => text.slice(start, starts[index + 1]))
    expect(lines.join('')).toBe(text)
    expect(lines.map((line) => line.length)).toEqual([3, 1, 4000, 4000, 1001, 1])
    expect([...cut('').starts]).toEqual([0])
  })
})
