import { describe, expect, it } from 'vitest'
import type { FoundPage, Summary } from '$lib/api/types'
import { grouped, HitRows } from '$lib/live/hit-rows.svelte'
import { Hits } from '$lib/store/hits.svelte'
import { sample } from '../dev/sample'

function row(seq: number, flow = seq): Summary {
  return { ...sample(1).summary, seq, pos: seq, flow }
}

/** A record of exchanges of which a query selects some, asked in steps of a few. */
class World {
  head: number
  asked: { q: string; before?: number | undefined; after?: number | undefined }[] = []
  selects: (seq: number, q: string) => boolean = (seq) => seq % 2 === 0
  step = 1000
  broken = false
  hits = new Hits({
    api: { search: async (q, range) => this.search(q, range) },
    head: () => this.head,
    pause: async () => undefined,
  })

  constructor(head: number) {
    this.head = head
  }

  search(
    q: string,
    range: { before?: number | undefined; after?: number | undefined; newest?: boolean; limit?: number },
  ): FoundPage {
    this.asked.push({ q, before: range.before, after: range.after })
    if (this.broken) throw new Error('no answer')
    const [low, high] = [(range.after ?? 0) + 1, Math.min(this.head, (range.before ?? Infinity) - 1)]
    const items: Summary[] = []
    let examined = 0
    let next: number | null = null
    for (let n = 0; n <= high - low; n++) {
      const seq = range.newest ? high - n : low + n
      if (examined === this.step || items.length === range.limit) {
        next = range.newest ? seq + 1 : seq - 1
        break
      }
      examined++
      if (this.selects(seq, q)) items.push(row(seq))
    }
    if (range.newest) items.reverse()
    const info = { sentence: q, clauses: [], diagnostics: [], hidden: [] }
    return { items, head: this.head, examined, next, query: info }
  }

  async settle() {
    for (let at = 0; at < 50; at++) await Promise.resolve()
  }

  get seqs() {
    return this.hits.items.map(({ seq }) => seq)
  }
}

describe('what a filter selects', () => {
  it('is looked for from the newest backwards, as far as it is wanted', async () => {
    const world = new World(3000)
    world.step = 100
    await world.hits.open('x')
    expect(world.seqs.at(-1)).toBe(3000)
    expect(world.seqs.length).toBe(200)
    expect(world.hits.exhausted).toBe(false)
    await world.hits.more(5000)
    expect(world.seqs).toEqual(Array.from({ length: 1500 }, (_, index) => index * 2 + 2))
    expect([world.hits.exhausted, world.hits.examined, world.hits.busy]).toEqual([true, 3000, false])
  })

  it('takes in what arrives, and lets go of what no longer matches', async () => {
    const world = new World(10)
    await world.hits.open('x')
    world.head = 13
    world.hits.arrived({
      workspace: 'a-workspace',
      pos: 13,
      head: 13,
      items: [11, 12, 13].map((seq) => row(seq)),
      states: [],
    })
    await world.settle()
    expect(world.seqs).toEqual([2, 4, 6, 8, 10, 12])
    world.selects = (seq) => seq % 2 === 0 && seq !== 12
    world.hits.arrived({ workspace: 'a-workspace', pos: 14, head: 13, items: [row(12)], states: [] })
    await world.settle()
    expect(world.seqs).toEqual([2, 4, 6, 8, 10])
  })

  it('holds arrivals back while it is paused', async () => {
    const world = new World(10)
    await world.hits.open('x')
    world.hits.hold(true)
    world.head = 12
    world.hits.arrived({ workspace: 'a-workspace', pos: 12, head: 12, items: [row(11), row(12)], states: [] })
    await world.settle()
    expect(world.seqs.at(-1)).toBe(10)
    world.hits.hold(false)
    await world.settle()
    expect(world.seqs.at(-1)).toBe(12)
  })

  it('forgets the answer to a query that was changed meanwhile', async () => {
    const world = new World(10)
    const first = world.hits.open('x')
    world.selects = (seq) => seq === 3
    await world.hits.open('y')
    await first
    expect(world.seqs).toEqual([3])
    await world.hits.open(undefined)
    expect([world.seqs, world.hits.exhausted]).toEqual([[], true])
  })

  it('says what went wrong, and can be asked again', async () => {
    const world = new World(10)
    world.broken = true
    await world.hits.open('x')
    expect([world.hits.problem, world.hits.busy]).toEqual(['Error: no answer', false])
    world.broken = false
    await world.hits.more()
    expect([world.hits.problem, world.seqs.length]).toEqual(['', 5])
  })
})

describe('rows grouped by flows', () => {
  it('stand under the heading of their flow, in the order in which flows began; alone, without one', () => {
    const items = [row(1), row(2, 2), row(3, 3), row(4, 2), row(5, 3)]
    const keys = (collapsed: number[]) => grouped(items, new Set(collapsed)).map(({ key }) => key)
    expect(keys([])).toEqual([1, -2, 2, 4, -3, 3, 5])
    expect(keys([2])).toEqual([1, -2, -3, 3, 5])
  })

  it('are found by their key', async () => {
    const world = new World(4)
    world.selects = () => true
    await world.hits.open('')
    const rows = new HitRows(world.hits)
    expect([rows.length, rows.indexOf(4), rows.indexOf(9), rows.at(0)?.key]).toEqual([4, 3, -1, 1])
  })
})
