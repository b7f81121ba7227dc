// The exchanges that a query selects, from the newest backwards, as far as somebody looked; new ones join at the end.

import { ApiError, type Api } from '$lib/api/api'
import type { streamSearch } from '$lib/api/stream'
import type { Batch, FoundPage, HiddenClause, QueryInfo, SearchLine, Summary } from '$lib/api/types'

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
/** Hits of a stream are gathered for so long before they are shown. */
const SHOWN_MS = 50
/** A change to a row that lies further back is asked for by itself. */
const NEAR = 2_000

export interface Surroundings {
  api: Pick<Api, 'search'>
  /** Tells hits as they are found; without it, the record is asked for page by page. */
  stream?: typeof streamSearch | undefined
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
  /** Whether somebody had enough of the search before it was over. */
  stopped = $state(false)

  /** Ascending by number. */
  items: Summary[] = []

  #out: Surroundings
  #pause: (ms: number) => Promise<void>
  #query: string | undefined
  #attempt = 0
  #abort: AbortController | undefined
  #streaming: AbortController | undefined
  #before: number | undefined
  #low = Infinity
  #far = new Set<number>()
  #catching = false
  #countedAt = 0
  #held = false
  /** The newest exchange that the last batch told of. */
  #told = 0

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
    this.#streaming?.abort()
    this.#attempt++
    this.items = []
    this.problem = ''
    this.hidden = []
    this.counted = this.examined = 0
    this.exhausted = query === undefined
    this.stopped = false
    this.#before = undefined
    this.#low = Infinity
    this.#far.clear()
    this.#catching = false
    this.busy = false
    this.version++
    if (query === undefined) this.info = undefined
    else await this.more(FIRST)
  }

  /** Looks on for older ones, until so many more are found; not where somebody had enough, unless it is asked for. */
  async more(wanted = PAGE, on = false): Promise<void> {
    if (this.#query === undefined || this.busy || this.exhausted || (this.stopped && !on)) return
    const attempt = this.#attempt
    this.busy = true
    this.stopped = false
    const first = this.#before === undefined
    if (first) this.#low = Math.min(this.#low, this.#head() + 1)
    try {
      if (this.#out.stream) await this.#stream(this.#out.stream, wanted, first)
      else await this.#pages(wanted)
      if (attempt === this.#attempt) this.problem = ''
    } catch (error) {
      if (attempt === this.#attempt && !this.stopped) this.#failed(error)
    } finally {
      if (attempt === this.#attempt) {
        this.busy = false
        this.#arrivedSoon()
      }
    }
  }

  /** Ends the search that is going on; what was found stays. */
  stop(): void {
    if (!this.busy) return
    this.stopped = true
    this.#streaming?.abort()
  }

  async #stream(stream: typeof streamSearch, wanted: number, first: boolean): Promise<void> {
    const attempt = this.#attempt
    const streaming = new AbortController()
    this.#streaming = streaming
    if (first && this.#query !== '') void this.#recount(attempt)
    const before = this.#before ?? this.#head() + 1
    const examined = this.examined
    let found: Summary[] = []
    let shownAt = 0
    let last: SearchLine | undefined
    const show = () => {
      shownAt = Date.now()
      const known = this.items[0]?.seq ?? Infinity
      if (found.length > 0) this.items = [...found.filter(({ seq }) => seq < known).reverse(), ...this.items]
      found = []
      if (!last) return
      this.examined = examined + last.examined
      this.#before = last.next ?? (last.done ? 0 : this.#before)
      this.version++
    }
    try {
      await stream(this.#query ?? '', { before, limit: wanted }, streaming.signal, (line) => {
        if (attempt !== this.#attempt) return
        if (line.problem) throw new ApiError(0, line.problem)
        last = line
        if (line.query && first) this.info = line.query
        found.push(...line.items)
        if (Date.now() - shownAt >= SHOWN_MS) show()
      })
    } finally {
      if (attempt === this.#attempt) show()
    }
    if (attempt === this.#attempt) this.exhausted = last?.done === true && (last.next ?? null) === null
  }

  async #pages(wanted: number): Promise<void> {
    const attempt = this.#attempt
    let found = 0
    while (found < wanted && !this.exhausted && !this.stopped) {
      const first = this.#before === undefined
      const page = await this.#ask({ newest: true, before: this.#before, limit: PAGE, counts: first })
      if (attempt !== this.#attempt) return
      if (first) this.#count(page)
      const known = this.items[0]?.seq ?? Infinity
      this.items = [...page.items.filter((item) => item.seq < known), ...this.items]
      found += page.items.length
      this.examined += page.examined
      this.#before = page.next ?? 0
      this.exhausted = page.next === null || page.next === undefined
      this.version++
    }
  }

  /** Takes in what a batch of the stream changed. */
  arrived(batch: Batch): void {
    this.#told = batch.head
    if (this.#query === undefined) return
    const near = this.#head() - NEAR
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
    if (this.#catching || this.#held || this.busy || (this.#low > this.#head() && this.#far.size === 0)) return
    this.#catching = true
    void this.#catchUp(this.#attempt)
  }

  async #catchUp(attempt: number): Promise<void> {
    await this.#pause(ARRIVAL_MS)
    try {
      while (attempt === this.#attempt && !this.#held && this.#low <= this.#head()) {
        const after = this.#low - 1
        const head = this.#head()
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
      if (Date.now() - this.#countedAt > COUNT_MS && this.#query !== '') await this.#recount(attempt)
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

  /** Counts what each clause hides of the newest exchanges. */
  async #recount(attempt: number): Promise<void> {
    this.#countedAt = Date.now()
    try {
      const page = await this.#ask({ newest: true, limit: 1000, counts: true })
      if (attempt === this.#attempt) this.#count(page)
    } catch {
      // Only counts; what is found is told by the search.
    }
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

  /** The newest exchange: the list learns of it a little later than its rows do. */
  #head(): number {
    return Math.max(this.#out.head(), this.#told)
  }

  #failed(error: unknown): void {
    this.problem = error instanceof ApiError ? error.message : String(error)
  }
}
