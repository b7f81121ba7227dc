import { describe, expect, it } from 'vitest'
import { characterOffset, isJson, prettyPieces, rawPieces, segments, tokens } from '$lib/format/json'

const text = (pieces: { text: string }[]) => pieces.map((piece) => piece.text).join('')

describe('JSON as text', () => {
  it('is cut into tokens that cover every character', () => {
    const source = '{"a": [1, -2.50e+3, true, null, "x\\"y"]}'
    const found = tokens(source)
    expect(found.map((token) => source.slice(token.start, token.end)).join('')).toBe(source)
    expect(found.some((token) => token.kind === 'broken')).toBe(false)
    expect(found.filter((token) => token.kind === 'key')).toHaveLength(1)
    expect(found.filter((token) => token.kind === 'number')).toHaveLength(2)
  })

  it('is laid out without changing a value', () => {
    const source = '{"id":1.0,"big":12345678901234567890,"same":1,"same":2,"u":"\\u00e9"}'
    expect(text(prettyPieces(source))).toBe(
      '{\n  "id": 1.0,\n  "big": 12345678901234567890,\n  "same": 1,\n  "same": 2,\n  "u": "\\u00e9"\n}',
    )
  })

  it('keeps empty objects and lists on one line', () => {
    expect(text(prettyPieces('{"a":{},"b":[],"c":[ ]}'))).toBe('{\n  "a": {},\n  "b": [],\n  "c": []\n}')
  })

  it('shows broken JSON as far as it can be read, and the rest as it is', () => {
    const source = '{"active": tru'
    const pieces = prettyPieces(source)
    expect(pieces.at(-1)).toMatchObject({ kind: 'broken', text: 'tru' })
    expect(text(rawPieces(source))).toBe(source)
    expect(isJson(source)).toBe(false)
  })

  it('lays out whatever arrives without end or exception', () => {
    for (const source of ['', '}', ']]]', '[,]', '{"a"', '"', '-', '{"a":1}}', '\u0000', '{"a":"\n"}', 'nul', '"\\']) {
      const pieces = prettyPieces(source)
      expect(text(pieces).replace(/\s/g, '')).toBe(source.replace(/\s/g, ''))
    }
  })

  it('finds characters for byte offsets', () => {
    expect(characterOffset('abc', 2)).toBe(2)
    expect(characterOffset('äöü', 2)).toBe(1)
    expect(characterOffset('a😀b', 5)).toBe(3)
    expect(characterOffset('ab', 99)).toBe(2)
  })
})

describe('marks', () => {
  const source = '{"op":"Replace","value":"False"}'
  const at = (part: string, label: string) => ({
    start: source.indexOf(part),
    end: source.indexOf(part) + part.length,
    label,
  })

  it('stand at the same value in the raw and in the laid out text', () => {
    const marks = [at('"Replace"', 'T2'), at('"False"', 'T3')]
    for (const pieces of [rawPieces(source), prettyPieces(source)]) {
      const marked = segments(pieces, marks, 10_000).filter((segment) => segment.mark)
      expect(marked.map((segment) => [segment.text, segment.mark?.label])).toEqual([
        ['"Replace"', 'T2'],
        ['"False"', 'T3'],
      ])
    }
  })

  it('can begin and end inside a token', () => {
    const marked = segments(rawPieces(source), [at('plac', 'part')], 10_000).filter((segment) => segment.mark)
    expect(marked.map((segment) => segment.text)).toEqual(['plac'])
  })

  it('never lose or repeat a character', () => {
    const marks = [at('"op":"Replace"', 'wide'), at('"Replace"', 'inner'), at('False', 'part')]
    expect(text(segments(rawPieces(source), marks, 10_000))).toBe(source)
  })

  it('stop being coloured in a long text, so that it stays few elements', () => {
    const long = `[${Array.from({ length: 20_000 }, (_, index) => `"${index}"`).join(',')}]`
    const parts = segments(rawPieces(long), [], 1_000)
    expect(parts.length).toBeLessThan(600)
    expect(text(parts)).toBe(long)
  })
})
