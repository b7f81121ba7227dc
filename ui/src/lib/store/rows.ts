// The rows of the list that the page holds: a sliding window of pages over exchanges 1 to head, which are dense.

import type { Batch, Page, Summary } from '$lib/api/types'

/** Rows in a page: exchanges `index * PAGE_ROWS + 1` to `(index + 1) * PAGE_ROWS`. */
export const PAGE_ROWS = 200
const KEPT_PAGES = 40

interface Held {
  rows: (Summary | undefined)[]
  /** Set when the server said that it left something out: what is here may be old. */
  stale: boolean
  /** Whether a request for this page is on its way. */
  loading: boolean
  /** Position of the log when it was last fetched: until the next one, asking again brings nothing new. */
  fetchedAt: number | undefined
  /** Counts uses, so that the page looked at longest ago goes first. */
  used: number
}

export class Rows {
  /** The highest exchange number known; rows 1 to head exist. */
  head = 0
  /** The last position of the log that was applied; where to resume. */
  pos = 0
  #pages = new Map<number, Held>()
  #clock = 0
  #generation = 0

  static pageOf(seq: number): number {
    return Math.floor((seq - 1) / PAGE_ROWS)
  }

  row(seq: number): Summary | undefined {
    return this.#pages.get(Rows.pageOf(seq))?.rows[(seq - 1) % PAGE_ROWS]
  }

  /** Takes in a batch of the event stream; a row is replaced only by a newer one, in whatever order batches come. */
  apply(batch: Batch): void {
    this.pos = Math.max(this.pos, batch.pos)
    this.head = Math.max(this.head, batch.head)
    for (const item of batch.items) this.#put(item)
    if (batch.moved) this.#distrust()
    this.#evict()
  }

  /** The pages that have to be fetched to show rows `from` to `to`; marks them as on their way. */
  wanted(from: number, to: number): number[] {
    const wanted: number[] = []
    const last = Math.min(to, this.head)
    if (last < from) return wanted
    for (let index = Rows.pageOf(Math.max(1, from)); index <= Rows.pageOf(last); index++) {
      const page = this.#page(index)
      if (page.loading || (!page.stale && page.fetchedAt === this.pos)) continue
      const first = Math.max(from, index * PAGE_ROWS + 1)
      const end = Math.min(last, (index + 1) * PAGE_ROWS)
      if (page.stale || !this.#whole(page, first, end)) {
        page.loading = true
        wanted.push(index)
      }
    }
    this.#evict()
    return wanted
  }

  /** A mark to hand to `fill`: what the server leaves out after it is not in that answer. */
  get generation(): number {
    return this.#generation
  }

  fill(index: number, answer: Page, generation: number): void {
    const page = this.#page(index)
    page.loading = false
    page.fetchedAt = this.pos
    if (generation === this.#generation) page.stale = false
    this.head = Math.max(this.head, answer.head)
    for (const item of answer.items) this.#put(item)
    this.#evict()
  }

  /** The request for a page failed; it will be wanted again. */
  failed(index: number): void {
    const page = this.#pages.get(index)
    if (page) page.loading = false
  }

  /** Forgets everything: another server, or another workspace. */
  reset(): void {
    this.head = 0
    this.pos = 0
    this.#generation++
    this.#pages.clear()
  }

  get heldPages(): number {
    return this.#pages.size
  }

  #put(item: Summary): void {
    if (item.seq > this.head) this.head = item.seq
    const page = this.#page(Rows.pageOf(item.seq))
    const at = (item.seq - 1) % PAGE_ROWS
    const have = page.rows[at]
    if (!have || have.pos < item.pos) page.rows[at] = item
  }

  #page(index: number): Held {
    let page = this.#pages.get(index)
    if (!page) {
      page = { rows: [], stale: false, loading: false, fetchedAt: undefined, used: 0 }
      this.#pages.set(index, page)
    }
    page.used = ++this.#clock
    return page
  }

  #whole(page: Held, from: number, to: number): boolean {
    for (let seq = from; seq <= to; seq++) if (!page.rows[(seq - 1) % PAGE_ROWS]) return false
    return true
  }

  #distrust(): void {
    this.#generation++
    for (const page of this.#pages.values()) page.stale = true
  }

  #evict(): void {
    while (this.#pages.size > KEPT_PAGES) {
      let oldest: number | undefined
      let used = Infinity
      for (const [index, page] of this.#pages) {
        if (page.used < used && !page.loading) {
          used = page.used
          oldest = index
        }
      }
      if (oldest === undefined) return
      this.#pages.delete(oldest)
    }
  }
}
