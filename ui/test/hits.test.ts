import { describe, expect, it } from 'vitest'
import type { FoundPage, SearchLine, Summary } from '$lib/api/types'
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

describe('a search that tells as it finds', () => {
  function streaming(lines: Partial<SearchLine>[], end?: (signal: AbortSignal) => Promise<void>) {
    const world = new World(1000)
    const asked: (number | undefined)[] = []
    world.hits = new Hits({
      api: { search: async (q, range) => world.search(q, range) },
      stream: async (_q, range, signal, online) => {
        asked.push(range.before)
        for (const line of lines) online({ items: [], examined: 0, at: 0, done: false, ...line })
        await end?.(signal)
      },
      head: () => world.head,
      pause: async () => undefined,
    })
    return { world, asked }
  }

  it('shows them in their order, and goes on where it ended', async () => {
    const { world, asked } = streaming([
      { items: [row(990), row(980)], examined: 30, at: 970, next: 971 },
      { items: [row(960)], examined: 50, at: 950, next: 951 },
      { examined: 60, at: 940, next: 941, done: true },
    ])
    await world.hits.open('x')
    expect([world.seqs, world.hits.examined, world.hits.exhausted]).toEqual([[960, 980, 990], 60, false])
    await world.hits.more()
    expect(asked).toEqual([1001, 941])
  })

  it('is over when everything was looked at', async () => {
    const { world } = streaming([{ items: [row(5)], examined: 1000, at: 1, done: true }])
    await world.hits.open('x')
    expect([world.seqs, world.hits.exhausted, world.hits.busy]).toEqual([[5], true, false])
  })

  it('can be stopped: what was found stays, and only who asks for it goes on', async () => {
    const { world, asked } = streaming([{ items: [row(990)], examined: 30, at: 970, next: 971 }], (signal) => {
      return new Promise((_, failed) => signal.addEventListener('abort', () => failed(new Error('aborted'))))
    })
    const opening = world.hits.open('x')
    await world.settle()
    expect([world.seqs, world.hits.busy]).toEqual([[990], true])
    world.hits.stop()
    await opening
    expect([world.hits.busy, world.hits.stopped, world.hits.problem]).toEqual([false, true, ''])
    await world.hits.more()
    expect(asked).toEqual([1001])
    void world.hits.more(500, true)
    await world.settle()
    expect(asked).toEqual([1001, 971])
  })

  it('says why it broke off', async () => {
    const { world } = streaming([{ problem: 'the file is damaged', done: true }])
    await world.hits.open('x')
    expect([world.hits.problem, world.hits.exhausted]).toEqual(['the file is damaged', false])
  })
})

describe('an exchange that the list does not know of yet', () => {
  it('is taken in with the batch that brought it, without waiting for another', async () => {
    const world = new World(3)
    world.selects = () => true
    let known = 3
    world.hits = new Hits({
      api: { search: async (q, range) => world.search(q, range) },
      head: () => known,
      pause: async () => undefined,
    })
    await world.hits.open('x')
    world.head = 4
    world.hits.arrived({ workspace: 'a-workspace', pos: 4, head: 4, items: [row(4)], states: [] })
    await world.settle()
    expect(world.seqs).toEqual([1, 2, 3, 4])
    known = 4
  })
})
