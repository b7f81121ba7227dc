// What the list shows, whichever way it is put together: every exchange, those that a filter selects, or flows with
// their exchanges under them.

import type { Summary } from '$lib/api/types'
import type { Live } from '$lib/store/live.svelte'

/** A line of the list. `key` is the exchange's number, or minus the number of a flow for its heading. */
export type Entry =
  | { kind: 'exchange'; key: number; seq: number; row: Summary | undefined; nested: boolean }
  | { kind: 'flow'; key: number; flow: number; rows: Summary[]; open: boolean }

export interface Listing {
  /** Grows with every change; to be read wherever the others are. */
  readonly version: number
  readonly length: number
  at(index: number): Entry | undefined
  /** Where a line is, or -1. */
  indexOf(key: number): number
  /** Says which lines are in sight, the end not included. */
  look(first: number, end: number): void
}

/** Every exchange that there is, dense: line and number are the same. */
export class AllRows implements Listing {
  #live: Live
  #until: () => number | undefined

  /** `until` tells the last exchange to show while the list is paused. */
  constructor(live: Live, until: () => number | undefined) {
    this.#live = live
    this.#until = until
  }

  get version(): number {
    return this.#live.version
  }

  get length(): number {
    return Math.min(this.#live.head, this.#until() ?? Infinity)
  }

  at(index: number): Entry | undefined {
    const seq = index + 1
    return { kind: 'exchange', key: seq, seq, row: this.#live.row(seq), nested: false }
  }

  indexOf(key: number): number {
    return key >= 1 && key <= this.length ? key - 1 : -1
  }

  look(first: number, end: number): void {
    this.#live.look(Math.max(1, first + 1 - 20), end + 20)
  }
}

/** How far the beginning of a flow is looked for. */
const FAR = 5_000

/** The line at which the next flow begins, or this one and the ones before it. */
export function flowBeside(listing: Listing, key: number | undefined, by: number): number | undefined {
  const start = key === undefined ? -1 : listing.indexOf(key)
  const flowOf = (index: number) => {
    const entry = listing.at(index)
    return entry?.kind === 'flow' ? entry.flow : (entry?.row?.flow ?? entry?.seq)
  }
  for (let at = start + by; at >= 0 && at < listing.length && Math.abs(at - start) < FAR; at += by) {
    const here = flowOf(at)
    const begins = flowOf(at - 1) !== here
    const found = listing.at(at)?.key
    if (begins && here !== undefined && found !== undefined && (by > 0 ? here !== flowOf(start) : true)) return found
  }
  return undefined
}
