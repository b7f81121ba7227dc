// Flows, the newest first, as far as somebody looked; those that change meanwhile are kept up to date by the stream.

import { ApiError, type Api } from '$lib/api/api'
import type { Batch, FlowSummary } from '$lib/api/types'

const PAGE = 100
/** How long what moved is gathered before it is asked for again. */
const AGAIN_MS = 500

export class Flows {
  /** Grows with every change. */
  version = $state(0)
  busy = $state(false)
  problem = $state('')
  /** Whether the oldest one is here. */
  exhausted = $state(false)
  /** Descending by number. */
  items: FlowSummary[] = []

  #api: Pick<Api, 'flows'>
  #known = new Map<number, FlowSummary>()
  #query: string | undefined
  #before: number | undefined
  #attempt = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(api: Pick<Api, 'flows'>) {
    this.#api = api
  }

  /** Begins with those that a query selects, or with all for an empty one; nothing without one. */
  async open(query: string | undefined): Promise<void> {
    if (query === this.#query) return
    this.#query = query
    await this.#restart()
  }

  get(id: number): FlowSummary | undefined {
    return this.#known.get(id)
  }

  /** Fetches the next older ones; with a number, until that flow is here. */
  async more(down?: number): Promise<void> {
    if (this.#query === undefined || this.busy || this.exhausted) return
    if (down !== undefined && this.#before !== undefined && this.#before <= down) return
    const attempt = this.#attempt
    this.busy = true
    try {
      do {
        const page = await this.#api.flows({ q: this.#query || undefined, before: this.#before, limit: PAGE })
        if (attempt !== this.#attempt) return
        for (const flow of page.items) this.#put(flow)
        this.#before = page.next ?? 0
        this.exhausted = page.next === undefined || page.next === null
        this.problem = ''
        this.#changed()
      } while (down !== undefined && !this.exhausted && this.#before > down)
    } catch (error) {
      if (attempt === this.#attempt) this.problem = error instanceof ApiError ? error.message : String(error)
    } finally {
      if (attempt === this.#attempt) this.busy = false
    }
  }

  /** Takes in what a batch of the stream tells of flows. */
  arrived(batch: Batch): void {
    if (this.#query === undefined) return
    if (batch.flows_moved) return this.#again()
    if (!batch.flows?.length && !batch.gone_flows?.length) return
    // Whether a query selects a flow only the server can tell.
    if (this.#query !== '') return this.#again()
    this.take(batch.flows ?? [], batch.gone_flows ?? [])
  }

  /** Takes in flows as they are now, and lets go of those that are no more. */
  take(flows: FlowSummary[], gone: number[]): void {
    for (const id of gone) this.#known.delete(id)
    for (const flow of flows) this.#put(flow)
    this.#changed()
  }

  #put(flow: FlowSummary): void {
    const have = this.#known.get(flow.id)
    if (!have || have.pos <= flow.pos) this.#known.set(flow.id, flow)
  }

  #again(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#restart(), AGAIN_MS)
  }

  async #restart(): Promise<void> {
    this.#attempt++
    this.#known.clear()
    this.#before = undefined
    this.busy = false
    this.exhausted = this.#query === undefined
    if (this.#query !== undefined) await this.more()
    else this.#changed()
  }

  #changed(): void {
    this.items = [...this.#known.values()].sort((left, right) => right.id - left.id)
    this.version++
  }
}
