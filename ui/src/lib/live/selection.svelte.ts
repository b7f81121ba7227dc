// Which line is pointed at, and which exchanges are chosen together.

import type { Listing } from './listing'

export class Selection {
  /** The line that is pointed at, by its key. */
  key: number | undefined = $state()
  /** Exchanges that are chosen together; none or at least one. */
  chosen: ReadonlySet<number> = $state.raw(new Set())
  #from: number | undefined

  /** The exchanges that an action is about: those chosen, or else the one pointed at. */
  get seqs(): number[] {
    if (this.chosen.size > 0) return [...this.chosen].sort((left, right) => left - right)
    return this.key !== undefined && this.key > 0 ? [this.key] : []
  }

  /** Points at a line and lets the others go. */
  point(key: number): void {
    this.key = key
    this.#from = key
    if (this.chosen.size > 0) this.chosen = new Set()
  }

  /** Points at a line, and adds its exchange to those chosen or takes it away. */
  toggle(key: number): void {
    const next = new Set(this.chosen)
    // What was only pointed at before belongs to what is chosen now.
    if (next.size === 0 && this.key !== undefined && this.key > 0 && this.key !== key) next.add(this.key)
    if (key > 0) {
      if (next.has(key)) next.delete(key)
      else next.add(key)
    }
    this.key = key
    this.#from = key
    this.chosen = next
  }

  /** Points at a line, and chooses all exchanges from where it began to here. */
  extend(key: number, listing: Listing): void {
    const from = listing.indexOf(this.#from ?? key)
    const to = listing.indexOf(key)
    this.key = key
    if (from < 0 || to < 0) return
    const next = new Set<number>()
    for (let index = Math.min(from, to); index <= Math.max(from, to); index++) {
      const entry = listing.at(index)
      if (entry?.kind === 'exchange') next.add(entry.seq)
    }
    this.chosen = next
  }

  clear(): void {
    this.chosen = new Set()
  }
}
