import { describe, expect, it } from 'vitest'
import type { Batch, FlowSummary } from '$lib/api/types'
import { arrows } from '$lib/flows/lanes'
import { Flows } from '$lib/store/flows.svelte'

function flow(id: number, pos = id): FlowSummary {
  return { id, pos, name: `flow ${id}` } as FlowSummary
}

function batch(flows: FlowSummary[], gone: number[] = []): Batch {
  return { workspace: 'a-workspace', pos: 0, head: 0, items: [], states: [], flows, gone_flows: gone }
}

/** A server with flows 1 to `count`, three to a page. */
function served(count: number) {
  const asked: (number | undefined)[] = []
  const flows = new Flows({
    flows: async ({ before }) => {
      asked.push(before)
      const top = Math.min(count, (before ?? Infinity) - 1)
      const items = [top, top - 1, top - 2].filter((id) => id > 0).map((id) => flow(id))
      return { items, ...(top > 3 ? { next: top - 2 } : {}) }
    },
  })
  return { flows, asked }
}

describe('the list of flows', () => {
  it('comes page by page, the newest first, as far as it is wanted', async () => {
    const { flows, asked } = served(8)
    await flows.open('')
    expect(flows.items.map(({ id }) => id)).toEqual([8, 7, 6])
    await flows.more(4)
    expect([flows.items.length, flows.exhausted]).toEqual([6, false])
    await flows.more(4)
    expect(asked.length).toBe(2)
    await flows.more()
    expect([flows.items.length, flows.exhausted]).toEqual([8, true])
  })

  it('takes in what changed, never something older, and lets go of what is gone', async () => {
    const { flows } = served(3)
    await flows.open('')
    flows.arrived(batch([flow(4, 40), flow(2, 20)], [3]))
    flows.arrived(batch([flow(2, 10)]))
    expect(flows.items.map(({ id, pos }) => [id, pos])).toEqual([
      [4, 40],
      [2, 20],
      [1, 1],
    ])
  })

  it('is empty while nobody wants it', async () => {
    const { flows } = served(3)
    flows.arrived(batch([flow(1)]))
    expect(flows.items).toEqual([])
  })
})

describe('arrows between steps', () => {
  const link = (from: number, to: number) => ({
    from,
    to,
    value: 'x',
    kind: 'id' as const,
    answered_at: '/id',
    used_at: 'path',
  })

  it('run in tracks of their own where they would cover one another', () => {
    const drawn = arrows([link(1, 2), link(2, 3), link(1, 3)], [1, 2, 3])
    expect(drawn.map(({ from, to, track }) => [from, to, track])).toEqual([
      [0, 1, 0],
      [1, 2, 0],
      [0, 2, 1],
    ])
  })

  it('leave out what does not lead from one step of the flow to a later one', () => {
    expect(arrows([link(1, 9), link(3, 1), link(2, 2)], [1, 2, 3])).toEqual([])
  })
})
