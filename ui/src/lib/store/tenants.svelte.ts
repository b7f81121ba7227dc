// The tenants, asked for when a screen needs them and again when one of them changed.

import { api as door, type Api } from '$lib/api/api'
import type { Tenant } from '$lib/api/types'
import type { Live } from './live.svelte'

export class Tenants {
  items: Tenant[] = $state.raw([])
  loaded = $state(false)
  problem = $state('')

  #api: Pick<Api, 'tenants'>

  constructor(api: Pick<Api, 'tenants'> = door) {
    this.#api = api
  }

  /** Loads them, and again whenever the record says that one was changed. The result ends that. */
  follow(live: Pick<Live, 'onArrival'>): () => void {
    void this.load()
    return live.onArrival(({ states }) => {
      if (states.some(({ what }) => what === 'tenant' || what === 'profile')) void this.load()
    })
  }

  async load(): Promise<void> {
    try {
      this.items = (await this.#api.tenants()).items
      this.problem = ''
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
    }
    this.loaded = true
  }

  named(name: string | undefined): Tenant | undefined {
    return this.items.find((tenant) => tenant.name === name) ?? this.items[0]
  }
}
