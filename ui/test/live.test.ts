import { describe, expect, it, vi } from 'vitest'
import { ApiError } from '$lib/api/api'
import type { Batch, Page, Status } from '$lib/api/types'
import { Live } from '$lib/store/live.svelte'
import type { Cursor, Handlers } from '$lib/transport'
import { sample } from '../dev/sample'

function status(head: number, pos: number): Status {
  return {
    version: '0',
    scim: {
      url: 'http://127.0.0.1:8787/scim/v2',
      requested_port: 8787,
      actual_port: 8787,
      exposure: 'local',
      paused: false,
    },
    workspace: { id: 'a-workspace', kind: 'temporary', durability: 'relaxed', state: 'working' },
    profile: 'tolerant',
    resources: [],
    head,
    pos,
    durable: { confirming: false },
    memory: { held_bytes: 0, budget_bytes: 268_435_456, evicted: 0, dropped: 0, indexed_through: 0 },
    rules_active: 0,
    flows: 0,
    disk: {
      file_bytes: 0,
      used_bytes: 0,
      budget_bytes: 2_147_483_648,
      change_bytes: 0,
      exchanges_pruned: 0,
      flows_pruned: 0,
      changes_pruned: 0,
      horizons: [],
    },
  }
}

function batch(pos: number, head: number, seqs: number[], moved?: number): Batch {
  const items = seqs.map((seq) => ({ ...sample(seq).summary, pos }))
  return { workspace: 'a-workspace', pos, head, items, moved, states: [] }
}

/** A server that does what the test says, and a screen that draws when the test says. */
class World {
  answers: (Status | Error)[] = []
  subscriptions: { after: Cursor; handlers: Handlers; ended: boolean }[] = []
  pages: { after: number; limit: number }[] = []
  pageAnswer: (after: number, limit: number) => Page = () => ({ items: [], head: 0 })
  frames: (() => void)[] = []
  locked = 0
  replaced = 0

  live = new Live({
    api: {
      status: async () => {
        const answer = this.answers.shift() ?? new ApiError(0, 'nothing left to say')
        if (answer instanceof Error) throw answer
        return answer
      },
      exchanges: async (after, limit) => {
        this.pages.push({ after, limit })
        return this.pageAnswer(after, limit)
      },
    },
    transport: async () => ({
      subscribe: (after, handlers) => {
        const subscription = { after, handlers, ended: false }
        this.subscriptions.push(subscription)
        return () => (subscription.ended = true)
      },
    }),
    frame: (callback) => this.frames.push(callback),
    onUnauthenticated: () => this.locked++,
    onStatus: () => undefined,
    onWorkspace: () => this.replaced++,
  })

  draw(): void {
    for (const frame of this.frames.splice(0)) frame()
  }

  get stream() {
    const stream = this.subscriptions.at(-1)
    if (!stream) throw new Error('nothing is subscribed')
    return stream
  }
}

describe('the live list', () => {
  it('says so when another workspace is open, and takes in nothing of it', async () => {
    const world = new World()
    world.answers = [status(3, 9)]
    await world.live.connect()
    world.live.apply({ ...batch(40, 12, [12]), workspace: 'another' })
    expect(world.replaced).toBe(1)
    expect(world.stream.ended).toBe(true)
    world.draw()
    expect([world.live.head, world.live.row(12)]).toEqual([3, undefined])
    // The same when it was away meanwhile.
    const late = new World()
    const other = status(1, 2)
    late.answers = [status(3, 9), { ...other, workspace: { ...other.workspace, id: 'another' } }]
    await late.live.connect()
    await late.live.connect()
    expect([late.replaced, late.subscriptions.length]).toEqual([1, 1])
  })

  it('subscribes after what the server has, and fetches only what is in sight', async () => {
    const world = new World()
    world.answers = [status(1000, 4000)]
    world.live.look(900, 1000)
    await world.live.connect()
    expect(world.stream.after).toEqual({ workspace: 'a-workspace', pos: 4000 })
    world.draw()
    expect(world.live.head).toBe(1000)
    expect(world.pages).toEqual([{ after: 800, limit: 200 }])
  })

  it('draws once a frame however many batches come', async () => {
    const world = new World()
    world.answers = [status(0, 0)]
    await world.live.connect()
    world.draw()
    const before = world.live.version
    for (let seq = 1; seq <= 50; seq++) world.live.apply(batch(seq, seq, [seq]))
    expect(world.live.version).toBe(before)
    expect(world.frames).toHaveLength(1)
    world.draw()
    expect(world.live.version).toBe(before + 1)
    expect(world.live.head).toBe(50)
    expect(world.live.row(50)?.seq).toBe(50)
  })

  it('resumes after the last position when the stream is lost', async () => {
    vi.useFakeTimers()
    const world = new World()
    world.answers = [status(0, 0), status(2, 12)]
    await world.live.connect()
    world.stream.handlers.onOpen()
    expect(world.live.link).toBe('live')
    world.live.apply(batch(5, 1, [1]))
    world.stream.handlers.onLost()
    expect(world.live.link).toBe('lost')
    expect(world.live.retryAt).toBeGreaterThan(Date.now())
    await vi.advanceTimersByTimeAsync(500)
    expect(world.subscriptions).toHaveLength(2)
    expect(world.stream.after).toEqual({ workspace: 'a-workspace', pos: 5 })
    world.stream.handlers.onBatch(batch(12, 2, [1, 2]))
    world.draw()
    expect(world.live.link).toBe('live')
    expect(world.live.row(1)?.pos).toBe(12)
    vi.useRealTimers()
  })

  it('waits longer after each failure and tries at once when told to', async () => {
    vi.useFakeTimers()
    const world = new World()
    world.answers = [new ApiError(0, ''), new ApiError(0, ''), new ApiError(0, ''), status(0, 0)]
    const waits: number[] = []
    for (let attempt = 0; attempt < 3; attempt++) {
      await world.live.connect()
      waits.push(world.live.retryAt - Date.now())
    }
    expect(waits).toEqual([500, 1000, 2000])
    await world.live.connect()
    expect(world.subscriptions).toHaveLength(1)
    vi.useRealTimers()
  })

  it('begins again with another log after a restart of the server', async () => {
    vi.useFakeTimers()
    const world = new World()
    world.answers = [status(10, 40), status(1, 4)]
    await world.live.connect()
    world.live.apply(batch(44, 11, [11]))
    world.stream.handlers.onLost()
    await vi.advanceTimersByTimeAsync(500)
    world.draw()
    expect(world.live.head).toBe(1)
    expect(world.live.row(11)).toBeUndefined()
    expect(world.stream.after).toEqual({ workspace: 'a-workspace', pos: 4 })
    vi.useRealTimers()
  })

  it('asks again for rows in sight when the server left something out', async () => {
    const world = new World()
    world.answers = [status(0, 0)]
    await world.live.connect()
    world.live.look(1, 20)
    world.pageAnswer = (after, limit) => ({
      items: Array.from({ length: limit }, (_, index) => sample(after + index + 1).summary),
      head: 5000,
    })
    world.live.apply(batch(20_000, 5000, [], 5000))
    world.draw()
    expect(world.pages).toEqual([{ after: 0, limit: 200 }])
    await vi.waitFor(() => expect(world.live.row(20)).toBeDefined())
  })

  it('leaves the old stream alone once a new one is wanted', async () => {
    const world = new World()
    world.answers = [status(0, 0), status(0, 0)]
    await world.live.connect()
    const old = world.stream
    await world.live.connect()
    expect(old.ended).toBe(true)
    old.handlers.onLost()
    expect(world.live.link).not.toBe('lost')
  })

  it('says when the session is over', async () => {
    const world = new World()
    world.answers = [new ApiError(401, '')]
    await world.live.connect()
    expect(world.locked).toBe(1)
    expect(world.subscriptions).toHaveLength(0)
  })
})
