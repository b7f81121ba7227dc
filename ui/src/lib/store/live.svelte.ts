// The live list: keeps the event stream open, applies its batches, fetches the pages that are looked at.

import { ApiError, type Api } from '$lib/api/api'
import type { Batch, Status, Summary } from '$lib/api/types'
import type { Transport } from '$lib/transport'
import { PAGE_ROWS, Rows } from './rows'

export type Link = 'connecting' | 'live' | 'lost'

const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 10_000
/** An answer to a failed page is not asked for again before this. */
const PAGE_RETRY_MS = 1_000

/** What the store takes from the outside world, so that tests bring their own. */
export interface Surroundings {
  api: Pick<Api, 'status' | 'exchanges'>
  transport: () => Promise<Transport>
  /** Runs once before the next drawing. */
  frame: (callback: () => void) => void
  onUnauthenticated: () => void
  onStatus: (status: Status) => void
  /** Another workspace is open than the one that everything here is of. */
  onWorkspace: () => void
}

export class Live {
  /** Grows with every change that a reader of `row` or `head` has to see. */
  version = $state(0)
  link: Link = $state('connecting')
  /** When the next attempt is due, in milliseconds since the epoch; 0 while one is under way. */
  retryAt = $state(0)
  head = $state(0)
  /** The workspace that everything here is of, once the server has named it. */
  workspace: string | undefined

  #rows = new Rows()
  #out: Surroundings
  #end: (() => void) | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #retry = FIRST_RETRY_MS
  #drawing = false
  #started = false
  #attempt = 0
  #sight: [number, number] = [0, 0]
  #arrivals = new Set<(batch: Batch) => void>()

  constructor(surroundings: Surroundings) {
    this.#out = surroundings
  }

  /** A row, or nothing while it is not here yet. */
  row(seq: number): Summary | undefined {
    return this.#rows.row(seq)
  }

  /** Calls back with each batch. The result ends that. */
  onArrival(callback: (batch: Batch) => void): () => void {
    this.#arrivals.add(callback)
    return () => this.#arrivals.delete(callback)
  }

  /** Begins, or tries again now. */
  async connect(): Promise<void> {
    this.#end?.()
    this.#end = undefined
    clearTimeout(this.#timer)
    const attempt = ++this.#attempt
    this.retryAt = 0
    if (this.link === 'live') this.link = 'connecting'
    let status: Status
    try {
      status = await this.#out.api.status()
    } catch (error) {
      if (attempt !== this.#attempt) return
      if (error instanceof ApiError && error.status === 401) this.#out.onUnauthenticated()
      else this.#lost()
      return
    }
    if (attempt !== this.#attempt) return
    if (!this.#is(status.workspace.id)) return
    this.#out.onStatus(status)
    // A log that is shorter than what we saw is another log.
    if (status.pos < this.#rows.pos || status.head < this.#rows.head) this.#rows.reset()
    if (!this.#started || this.#rows.pos === 0) {
      // What is already there is fetched as it comes into sight; the stream carries what comes after.
      this.#started = true
      this.#rows.apply({ workspace: status.workspace.id, pos: status.pos, head: status.head, items: [], states: [] })
    }
    this.#changed()
    const transport = await this.#out.transport()
    if (attempt !== this.#attempt) return
    this.#end = transport.subscribe(
      { workspace: this.workspace, pos: this.#rows.pos },
      {
        onOpen: () => {
          this.link = 'live'
          this.#retry = FIRST_RETRY_MS
        },
        onBatch: (batch) => this.apply(batch),
        onLost: () => {
          if (attempt === this.#attempt) this.#lost()
        },
      },
    )
  }

  /** Ends the stream until `connect`. */
  close(): void {
    this.#attempt++
    this.#end?.()
    clearTimeout(this.#timer)
  }

  /** Forgets all rows: what comes next is another log. */
  reset(): void {
    this.workspace = undefined
    this.#rows.reset()
    this.#changed()
  }

  apply(batch: Batch): void {
    if (!this.#is(batch.workspace)) return
    this.link = 'live'
    this.#retry = FIRST_RETRY_MS
    this.#rows.apply(batch)
    for (const callback of this.#arrivals) callback(batch)
    this.#changed()
  }

  /** Says which rows are in sight; fetches what is missing of them. */
  look(from: number, to: number): void {
    this.#sight = [from, to]
    for (const index of this.#rows.wanted(from, to)) void this.#fetch(index)
  }

  // What is of another workspace is not taken in: numbers and positions mean something else there.
  #is(workspace: string): boolean {
    this.workspace ??= workspace
    if (this.workspace === workspace) return true
    this.close()
    this.#out.onWorkspace()
    return false
  }

  async #fetch(index: number): Promise<void> {
    const generation = this.#rows.generation
    try {
      const page = await this.#out.api.exchanges(index * PAGE_ROWS, PAGE_ROWS)
      this.#rows.fill(index, page, generation)
      this.#changed()
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.#out.onUnauthenticated()
      setTimeout(() => {
        this.#rows.failed(index)
        this.#changed()
      }, PAGE_RETRY_MS)
    }
  }

  #lost(): void {
    this.#end?.()
    this.#end = undefined
    clearTimeout(this.#timer)
    this.link = 'lost'
    this.retryAt = Date.now() + this.#retry
    this.#timer = setTimeout(() => void this.connect(), this.#retry)
    this.#retry = Math.min(this.#retry * 2, LONGEST_RETRY_MS)
  }

  // However many batches come, the page draws once a frame.
  #changed(): void {
    if (this.#drawing) return
    this.#drawing = true
    this.#out.frame(() => {
      this.#drawing = false
      this.head = this.#rows.head
      this.version++
      this.look(...this.#sight)
    })
  }
}
