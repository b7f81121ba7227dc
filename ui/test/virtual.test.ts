import { describe, expect, it } from 'vitest'
import {
  atEnd,
  furthest,
  moved,
  offsetAt,
  revealing,
  scrollTopAt,
  spacer,
  span,
  TALLEST,
  type Geometry,
} from '$lib/live/virtual'

const short: Geometry = { rows: 100, rowHeight: 34, viewport: 800 }
const million: Geometry = { rows: 1_000_000, rowHeight: 34, viewport: 800 }

describe('the scroll arithmetic', () => {
  it('is plain scrolling while the list is not too tall', () => {
    expect(spacer(short)).toBe(3400)
    for (const top of [0, 1, 1700, 2600]) expect(offsetAt(short, top)).toBe(top)
  })

  it('never makes an element taller than engines draw', () => {
    expect(spacer(million)).toBe(TALLEST)
    expect(furthest(million)).toBe(34_000_000 - 800)
  })

  it('reaches the first and the last row of a million', () => {
    const reach = spacer(million) - million.viewport
    expect(span(million, offsetAt(million, 0))).toMatchObject({ first: 0, shift: 0 })
    expect(span(million, offsetAt(million, reach)).end).toBe(1_000_000)
  })

  it('goes forward only, without jumps, over the whole bar', () => {
    const reach = spacer(million) - million.viewport
    let before = -1
    for (let top = 0; top <= reach; top += 9_973) {
      const offset = offsetAt(million, top)
      expect(offset).toBeGreaterThan(before)
      expect(offset - Math.max(before, 0)).toBeLessThan(60_000)
      before = offset
    }
  })

  it('has an inverse', () => {
    for (const offset of [0, 500, 999_999, 1_000_001, 12_345_678, 33_000_001, furthest(million)]) {
      expect(offsetAt(million, scrollTopAt(million, offset))).toBeCloseTo(offset, 3)
    }
  })

  it('moves a million rows pixel by pixel under a wheel', () => {
    const offset = 17_000_000
    const top = scrollTopAt(million, offset)
    expect(moved(million, offset, top, top + 120)).toBe(offset + 120)
    expect(moved(million, offset, top, top - 120)).toBe(offset - 120)
  })

  it('jumps to the share of the list when the scroll bar is dragged', () => {
    const offset = moved(million, 0, 0, 4_000_000)
    expect(offset).toBeGreaterThan(16_000_000)
    expect(offset).toBeLessThan(18_000_000)
  })

  it('stays inside the list', () => {
    expect(moved(short, 10, 10, -50)).toBe(0)
    expect(moved(short, 2590, 2590, 4000)).toBe(2600)
    expect(offsetAt(short, 99_999)).toBe(2600)
  })

  it('draws only what is in sight', () => {
    const view = span(million, 17_000_010)
    expect(view.first).toBe(500_000)
    expect(view.shift).toBe(-10)
    expect(view.end - view.first).toBeLessThanOrEqual(Math.ceil(800 / 34) + 2)
  })

  it('draws nothing of an empty list and all of a short one', () => {
    expect(span({ ...short, rows: 0 }, 0)).toEqual({ first: 0, end: 0, shift: 0 })
    expect(span({ ...short, rows: 3 }, 0)).toMatchObject({ first: 0, end: 3 })
  })

  it('reveals a row with the least movement', () => {
    expect(revealing(short, 340, 3)).toBe(102)
    expect(revealing(short, 340, 15)).toBe(340)
    expect(revealing(short, 0, 30)).toBe(31 * 34 - 800)
    expect(revealing(short, 0, 99)).toBe(2600)
  })

  it('knows the end, with a row of tolerance', () => {
    expect(atEnd(short, 2600)).toBe(true)
    expect(atEnd(short, 2570)).toBe(true)
    expect(atEnd(short, 2500)).toBe(false)
    expect(atEnd({ ...short, rows: 2 }, 0)).toBe(true)
  })
})
