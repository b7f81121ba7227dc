// The exchanges that a query selects, from the newest backwards, as far as somebody looked; new ones join at the end.

import { ApiError, type Api } from '$lib/api/api'
import type { Batch, FoundPage, HiddenClause, QueryInfo, Summary } from '$lib/api/types'

/** Rows asked for at once. */
const PAGE = 500
/** So many are fetched before anybody scrolls. */
const FIRST = 200
/** More are not kept while the newest are looked at; the oldest go, and come back when somebody scrolls there. */
const KEPT = 20_000
/** How long arrivals are gathered before they are asked for. */
const ARRIVAL_MS = 200
/** What clauses hide is counted again at most this often. */
const COUNT_MS = 3_000
/** A change to a row that lies further back is asked for by itself. */
const NEAR = 2_000

export interface Surroundings {
  api: Pick<Api, 'search'>
  /** The number of the newest exchange now. */
  head: () => number
  pause?: (ms: number) => Promise<void>
}

export class Hits {
  /** Grows with every change of the items. */
  version = $state(0)
  /** Whether the record is being looked through. */
  busy = $state(false)
  problem = $state('')
  /** The query as the server understood it. */
  info: QueryInfo | undefined = $state.raw()
  /** What each clause hides of the `counted` newest exchanges. */
  hidden: HiddenClause[] = $state.raw([])
  counted = $state(0)
  /** How many exchanges were looked at for older ones. */
  examined = $state(0)
  /** Whether everything older was looked at. */
  exhausted = $state(false)

  /** Ascending by number. */
  items: Summary[] = []

  #out: Surroundings
  #pause: (ms: number) => Promise<void>
  #query: string | undefined
  #attempt = 0
  #abort: AbortController | undefined
  #before: number | undefined
  #low = Infinity
  #far = new Set<number>()
  #catching = false
  #countedAt = 0
  #held = false

  constructor(out: Surroundings) {
    this.#out = out
    this.#pause = out.pause ?? ((ms) => new Promise((resume) => setTimeout(resume, ms)))
  }

  get query(): string | undefined {
    return this.#query
  }

  /** Looks for another query; the last one is forgotten. Nothing is looked for without one. */
  async open(query: string | undefined): Promise<void> {
    if (query === this.#query) return
    this.#query = query
    this.#abort?.abort()
    this.#attempt++
    this.items = []
    this.problem = ''
    this.hidden = []
    this.counted = this.examined = 0
    this.exhausted = query === undefined
    this.#before = undefined
    this.#low = Infinity
    this.#far.clear()
    this.#catching = false
    this.busy = false
    this.version++
    if (query === undefined) this.info = undefined
    else await this.more(FIRST)
  }

  /** Looks on for older ones, until so many more are found. */
  async more(wanted = PAGE): Promise<void> {
    if (this.#query === undefined || this.busy || this.exhausted) return
    const attempt = this.#attempt
    this.busy = true
    let found = 0
    try {
      while (found < wanted && !this.exhausted) {
        const first = this.#before === undefined
        if (first) this.#low = Math.min(this.#low, this.#out.head() + 1)
        const page = await this.#ask({ newest: true, before: this.#before, limit: PAGE, counts: first })
        if (attempt !== this.#attempt) return
        if (first) this.#count(page)
        const known = this.items[0]?.seq ?? Infinity
        this.items = [...page.items.filter((item) => item.seq < known), ...this.items]
        found += page.items.length
        this.examined += page.examined
        this.#before = page.next ?? 0
        this.exhausted = page.next === null || page.next === undefined
        this.problem = ''
        this.version++
      }
    } catch (error) {
      if (attempt === this.#attempt) this.#failed(error)
    } finally {
      if (attempt === this.#attempt) {
        this.busy = false
        this.#arrivedSoon()
      }
    }
  }

  /** Takes in what a batch of the stream changed. */
  arrived(batch: Batch): void {
    if (this.#query === undefined) return
    const near = this.#out.head() - NEAR
    for (const { seq } of batch.items) {
      if (seq >= near) this.#low = Math.min(this.#low, seq)
      else this.#far.add(seq)
    }
    this.#arrivedSoon()
  }

  /** Holds what arrives back, or lets it in again. */
  hold(held: boolean): void {
    this.#held = held
    if (!held) this.#arrivedSoon()
  }

  /** Lets those go that are not there any more. */
  drop(gone: (row: Summary) => boolean): void {
    const before = this.items.length
    this.items = this.items.filter((row) => !gone(row))
    if (this.items.length !== before) this.version++
  }

  /** Lets the oldest go if there are many; for a view that is at the end. */
  trim(): void {
    if (this.items.length <= KEPT || this.busy) return
    this.items = this.items.slice(-KEPT / 2)
    this.#before = this.items[0]?.seq
    this.exhausted = false
    this.version++
  }

  #arrivedSoon(): void {
    if (this.#catching || this.#held || this.busy || (this.#low > this.#out.head() && this.#far.size === 0)) return
    this.#catching = true
    void this.#catchUp(this.#attempt)
  }

  async #catchUp(attempt: number): Promise<void> {
    await this.#pause(ARRIVAL_MS)
    try {
      while (attempt === this.#attempt && !this.#held && this.#low <= this.#out.head()) {
        const after = this.#low - 1
        const head = this.#out.head()
        this.#low = Infinity
        const page = await this.#ask({ after, before: head + 1, limit: PAGE })
        if (attempt !== this.#attempt) return
        const through = page.next ?? head
        this.#replace(after, through, page.items)
        if (through < head) this.#low = Math.min(this.#low, through + 1)
      }
      for (const seq of this.#far) {
        this.#far.delete(seq)
        const page = await this.#ask({ after: seq - 1, before: seq + 1, limit: 1 })
        if (attempt !== this.#attempt) return
        if (seq >= (this.items[0]?.seq ?? Infinity)) this.#replace(seq - 1, seq, page.items)
      }
      if (Date.now() - this.#countedAt > COUNT_MS && this.#query !== '') {
        const page = await this.#ask({ newest: true, limit: 1000, counts: true })
        if (attempt === this.#attempt) this.#count(page)
      }
    } catch (error) {
      if (attempt === this.#attempt) this.#failed(error)
    } finally {
      if (attempt === this.#attempt) {
        this.#catching = false
        if (this.problem === '') this.#arrivedSoon()
      }
    }
  }

  /** Puts the selected ones of the exchanges `after + 1` to `through` in the place of those that were there. */
  #replace(after: number, through: number, items: Summary[]): void {
    let start = this.items.length
    while (start > 0 && (this.items[start - 1]?.seq ?? 0) > after) start--
    let end = start
    while (end < this.items.length && (this.items[end]?.seq ?? 0) <= through) end++
    this.items = [...this.items.slice(0, start), ...items, ...this.items.slice(end)]
    this.version++
  }

  #count(page: FoundPage): void {
    this.#countedAt = Date.now()
    this.info = page.query ?? undefined
    this.hidden = page.query?.hidden ?? []
    this.counted = page.examined
  }

  #ask(range: Parameters<Api['search']>[1]): Promise<FoundPage> {
    this.#abort = new AbortController()
    return this.#out.api.search(this.#query ?? '', range, this.#abort.signal)
  }

  #failed(error: unknown): void {
    this.problem = error instanceof ApiError ? error.message : String(error)
  }
}
