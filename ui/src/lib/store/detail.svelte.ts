// The exchange that is open, fetched when it is opened and again when it has grown.

import { ApiError, type Api } from '$lib/api/api'
import type { Exchange } from '$lib/api/types'

const KEPT = 24

export class Detail {
  exchange: Exchange | undefined = $state.raw()
  loading = $state(false)
  problem = $state('')

  #api: Pick<Api, 'exchange'>
  #kept = new Map<number, Exchange>()
  #wanted: number | undefined

  constructor(api: Pick<Api, 'exchange'>) {
    this.#api = api
  }

  /** Shows an exchange; `pos` is the newest position known of it, so that an old copy is not taken for it. */
  async show(seq: number | undefined, pos = 0): Promise<void> {
    this.#wanted = seq
    this.problem = ''
    if (seq === undefined) {
      this.exchange = undefined
      this.loading = false
      return
    }
    const kept = this.#kept.get(seq)
    if (kept) this.exchange = kept
    if (kept && kept.summary.pos >= pos) {
      this.loading = false
      return
    }
    this.loading = true
    try {
      const exchange = await this.#api.exchange(seq)
      this.#keep(exchange)
      if (this.#wanted !== seq) return
      this.exchange = exchange
    } catch (error) {
      if (this.#wanted !== seq) return
      if (!kept) this.exchange = undefined
      this.problem = error instanceof ApiError ? error.message : String(error)
    }
    this.loading = false
  }

  #keep(exchange: Exchange): void {
    const seq = exchange.summary.seq
    this.#kept.delete(seq)
    this.#kept.set(seq, exchange)
    if (this.#kept.size <= KEPT) return
    const oldest = this.#kept.keys().next().value
    if (oldest !== undefined) this.#kept.delete(oldest)
  }
}
