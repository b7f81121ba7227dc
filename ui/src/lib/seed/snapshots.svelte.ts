// The snapshots of one tenant, and what a key does with them.

import { seeding as door, type Seeding, type Snapshot, type SnapshotList } from '$lib/api/seed'
import type { Live } from '$lib/store/live.svelte'

type Door = Pick<Seeding, 'snapshots' | 'take' | 'change' | 'forget' | 'restore'>

/** What became of a reset. */
export type Reset =
  | { kind: 'none' }
  | { kind: 'already'; name: string }
  /** The present state is in no snapshot: somebody has to be asked first. */
  | { kind: 'ask'; name: string }
  | { kind: 'done'; name: string; count: number }

export class Snapshots {
  list: SnapshotList | undefined = $state.raw()
  problem = $state('')
  tenant = $state('')

  #door: Door

  constructor(api: Door = door) {
    this.#door = api
  }

  /** Loads those of a tenant, and again when one is taken or the directory changes. The result ends that. */
  follow(tenant: string, live: Pick<Live, 'onArrival'>): () => void {
    this.tenant = tenant
    this.list = undefined
    void this.load()
    let later: ReturnType<typeof setTimeout> | undefined
    const end = live.onArrival(({ states, items }) => {
      if (states.length === 0 && !items.some(({ changes }) => changes > 0)) return
      clearTimeout(later)
      later = setTimeout(() => void this.load(), 250)
    })
    return () => {
      clearTimeout(later)
      end()
    }
  }

  async load(): Promise<void> {
    const tenant = this.tenant
    try {
      const list = await this.#door.snapshots(tenant)
      if (tenant !== this.tenant) return
      this.list = list
      this.problem = ''
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
    }
  }

  async take(name?: string): Promise<Snapshot> {
    const taken = await this.#door.take(this.tenant, name)
    await this.load()
    return taken
  }

  async change(name: string, change: { name?: string; chosen?: boolean }): Promise<void> {
    await this.#door.change(this.tenant, name, change)
    await this.load()
  }

  async forget(name: string): Promise<void> {
    await this.#door.forget(this.tenant, name)
    await this.load()
  }

  /** Goes back to the chosen snapshot, if nothing is lost by it that no snapshot has. */
  async reset(): Promise<Reset> {
    await this.load()
    if (this.problem) throw new Error(this.problem)
    const items = this.list?.items ?? []
    const chosen = items.find((snapshot) => snapshot.chosen)
    if (!chosen) return { kind: 'none' }
    const would = await this.#door.restore(this.tenant, chosen.name, true)
    if (would.count === 0) return { kind: 'already', name: chosen.name }
    if (!items.some((snapshot) => snapshot.differs === 0)) return { kind: 'ask', name: chosen.name }
    const done = await this.#door.restore(this.tenant, chosen.name, false)
    await this.load()
    return { kind: 'done', name: chosen.name, count: done.count }
  }
}
