// The lines of a filtered list, and of one that is grouped by flows.

import type { Summary } from '$lib/api/types'
import type { Hits } from '$lib/store/hits.svelte'
import type { Entry, Listing } from './listing'

/** This near to the oldest line, older ones are asked for. */
const NEAR = 60

export class HitRows implements Listing {
  /** Flows whose exchanges are not shown. */
  collapsed: ReadonlySet<number> = $state.raw(new Set())
  grouped = $state(false)
  #hits: Hits
  #hides: (row: Summary) => boolean
  #entries: Entry[] = $derived.by(() => {
    void this.#hits.version
    const items = this.#hits.items.filter((row) => !this.#hides(row))
    return this.grouped ? grouped(items, this.collapsed) : flat(items)
  })
  #places = $derived(new Map(this.#entries.map((entry, index) => [entry.key, index])))

  /** `hides` tells what is not shown although it is there. */
  constructor(hits: Hits, hides: (row: Summary) => boolean = () => false) {
    this.#hides = hides
    this.#hits = hits
  }

  get version(): number {
    void this.#entries
    return this.#hits.version
  }

  get length(): number {
    return this.#entries.length
  }

  at(index: number): Entry | undefined {
    return this.#entries[index]
  }

  indexOf(key: number): number {
    return this.#places.get(key) ?? -1
  }

  look(first: number): void {
    if (first < NEAR && this.#hits.items.length > 0) void this.#hits.more()
  }

  /** Shows or hides the exchanges of a flow. */
  fold(flow: number, open: boolean): void {
    if (this.collapsed.has(flow) !== open) return
    const next = new Set(this.collapsed)
    if (open) next.delete(flow)
    else next.add(flow)
    this.collapsed = next
  }
}

function flat(items: Summary[]): Entry[] {
  return items.map((row) => ({ kind: 'exchange', key: row.seq, seq: row.seq, row, nested: false }))
}

/** Flows in the order in which they began; one of a single exchange is only that. */
export function grouped(items: Summary[], collapsed: ReadonlySet<number>): Entry[] {
  const flows = new Map<number, Summary[]>()
  for (const row of items) {
    const flow = row.flow ?? row.seq
    const rows = flows.get(flow)
    if (rows) rows.push(row)
    else flows.set(flow, [row])
  }
  const entries: Entry[] = []
  for (const [flow, rows] of flows) {
    const alone = rows.length === 1 && rows[0]?.seq === flow
    if (!alone) entries.push({ kind: 'flow', key: -flow, flow, rows, open: !collapsed.has(flow) })
    if (alone || !collapsed.has(flow)) {
      for (const row of rows) entries.push({ kind: 'exchange', key: row.seq, seq: row.seq, row, nested: !alone })
    }
  }
  return entries
}
