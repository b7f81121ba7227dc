// The rules of one tenant, asked for again when one of them changed or touched something.

import { rulesApi, type RuleInfo, type RuleList } from '$lib/api/rules'
import type { Live } from './live.svelte'

/** How long changes are gathered before the counts are asked for. */
const REFRESH_MS = 300

export class Rules {
  items: RuleInfo[] = $state.raw([])
  active = $state(0)
  loaded = $state(false)
  problem = $state('')
  #tenant: string | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #api: Pick<typeof rulesApi, 'list'>

  constructor(api: Pick<typeof rulesApi, 'list'> = rulesApi) {
    this.#api = api
  }

  /** Shows the rules of a tenant. */
  async show(tenant: string): Promise<void> {
    if (tenant !== this.#tenant) {
      this.#tenant = tenant
      this.loaded = false
      this.items = []
    }
    await this.load()
  }

  /** Loads them again whenever the record says that one changed or touched an exchange. The result ends that. */
  follow(live: Pick<Live, 'onArrival'>): () => void {
    const end = live.onArrival(({ items, states }) => {
      const changed = states.some(({ what }) => what === 'rules')
      if (changed || items.some((row) => (row.rules ?? []).length > 0)) this.#soon()
    })
    return () => {
      clearTimeout(this.#timer)
      end()
    }
  }

  /** Takes over what a call answered. */
  take(list: RuleList): void {
    this.items = list.items
    this.active = list.active
  }

  async load(): Promise<void> {
    const tenant = this.#tenant
    if (tenant === undefined) return
    try {
      const list = await this.#api.list(tenant)
      if (tenant !== this.#tenant) return
      this.take(list)
      this.problem = ''
    } catch (error) {
      if (tenant !== this.#tenant) return
      this.problem = error instanceof Error ? error.message : String(error)
    }
    this.loaded = true
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.load()
    }, REFRESH_MS)
  }
}
