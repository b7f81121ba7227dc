import { describe, expect, it } from 'vitest'
import type { Batch, Summary } from '$lib/api/types'
import { PAGE_ROWS, Rows } from '$lib/store/rows'
import { sample } from '../dev/sample'

function row(seq: number, pos: number, sentence = ''): Summary {
  return { ...sample(seq).summary, pos, sentence }
}

function batch(pos: number, head: number, items: Summary[], moved?: number): Batch {
  return { workspace: 'a-workspace', pos, head, items, moved, states: [] }
}

describe('the window of rows', () => {
  it('takes rows from batches and knows where to resume', () => {
    const rows = new Rows()
    rows.apply(batch(2, 1, [row(1, 2)]))
    rows.apply(batch(5, 2, [row(2, 5)]))
    expect(rows.head).toBe(2)
    expect(rows.pos).toBe(5)
    expect(rows.row(1)?.pos).toBe(2)
    expect(rows.row(2)?.pos).toBe(5)
    expect(rows.row(3)).toBeUndefined()
  })

  it('replaces a row when its exchange grows', () => {
    const rows = new Rows()
    rows.apply(batch(1, 1, [row(1, 1, 'arriving')]))
    rows.apply(batch(3, 1, [row(1, 3, 'created Ada')]))
    expect(rows.row(1)?.sentence).toBe('created Ada')
  })

  it('never goes back to an older state, whatever the order of batches', () => {
    const rows = new Rows()
    rows.apply(batch(9, 2, [row(1, 9, 'new')]))
    rows.apply(batch(4, 1, [row(1, 4, 'old')]))
    expect(rows.row(1)?.sentence).toBe('new')
    expect(rows.head).toBe(2)
    expect(rows.pos).toBe(9)
  })

  it('keeps a newer row from the stream when an older page arrives after it', () => {
    const rows = new Rows()
    rows.apply(batch(1, 3, []))
    expect(rows.wanted(1, 3)).toEqual([0])
    rows.apply(batch(8, 3, [row(2, 8, 'closed')]))
    rows.fill(0, { items: [row(1, 1), row(2, 5, 'opened'), row(3, 6)], head: 3 }, rows.generation)
    expect(rows.row(2)?.sentence).toBe('closed')
    expect(rows.row(3)?.pos).toBe(6)
  })

  it('asks for the pages in sight that it does not have, once each', () => {
    const rows = new Rows()
    rows.apply(batch(1, 1000, []))
    expect(rows.wanted(190, 410)).toEqual([0, 1, 2])
    expect(rows.wanted(190, 410)).toEqual([])
    rows.failed(1)
    expect(rows.wanted(190, 410)).toEqual([1])
  })

  it('asks for nothing beyond the head', () => {
    const rows = new Rows()
    expect(rows.wanted(1, 50)).toEqual([])
    rows.apply(batch(1, 1, [row(1, 1)]))
    expect(rows.wanted(1, 50)).toEqual([])
  })

  it('does not ask again for what the server does not have until something happens', () => {
    const rows = new Rows()
    rows.apply(batch(9, 3, []))
    expect(rows.wanted(1, 3)).toEqual([0])
    rows.fill(0, { items: [row(1, 1)], head: 3 }, rows.generation)
    expect(rows.wanted(1, 3)).toEqual([])
    rows.apply(batch(10, 3, []))
    expect(rows.wanted(1, 3)).toEqual([0])
  })

  it('asks for a hole that the stream left in a page', () => {
    const rows = new Rows()
    rows.apply(batch(9, 3, [row(1, 3), row(3, 9)]))
    expect(rows.wanted(1, 1)).toEqual([])
    expect(rows.wanted(1, 3)).toEqual([0])
  })

  it('fetches again what it shows when the server left something out', () => {
    const rows = new Rows()
    rows.apply(batch(2, 1, [row(1, 2, 'opened')]))
    rows.apply(batch(5000, 900, [], 900))
    expect(rows.head).toBe(900)
    expect(rows.wanted(1, 1)).toEqual([0])
    rows.fill(0, { items: [row(1, 7, 'closed')], head: 900 }, rows.generation)
    expect(rows.row(1)?.sentence).toBe('closed')
    expect(rows.wanted(1, 1)).toEqual([])
  })

  it('does not trust a page that was asked for before the server left something out', () => {
    const rows = new Rows()
    rows.apply(batch(2, 1, []))
    const before = rows.generation
    expect(rows.wanted(1, 1)).toEqual([0])
    rows.apply(batch(5000, 900, [], 900))
    rows.fill(0, { items: [row(1, 2)], head: 1 }, before)
    expect(rows.wanted(1, 1)).toEqual([0])
  })

  it('keeps a bounded number of pages and lets go of those looked at longest ago', () => {
    const rows = new Rows()
    rows.apply(batch(1, 100_000, []))
    for (let page = 0; page < 200; page++) {
      const first = page * PAGE_ROWS + 1
      for (const index of rows.wanted(first, first)) {
        rows.fill(index, { items: [row(first, first)], head: 100_000 }, rows.generation)
      }
    }
    expect(rows.heldPages).toBeLessThanOrEqual(40)
    expect(rows.row(1)).toBeUndefined()
    expect(rows.row(199 * PAGE_ROWS + 1)).toBeDefined()
  })

  it('forgets everything for another log', () => {
    const rows = new Rows()
    rows.apply(batch(9, 2, [row(1, 4), row(2, 9)]))
    rows.reset()
    expect([rows.head, rows.pos, rows.row(1)]).toEqual([0, 0, undefined])
  })
})
