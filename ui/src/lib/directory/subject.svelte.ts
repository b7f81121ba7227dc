// The resource that is open: read when it is opened, and again when the directory has changed.

import { ApiError } from '$lib/api/api'
import type { DirectoryApi, Place, ResourceDetail } from '$lib/api/directory'

export class Subject {
  detail: ResourceDetail | undefined = $state.raw()
  problem: ApiError | undefined = $state.raw()
  loading = $state(false)
  /** Which resource `detail` and `problem` are about. */
  key = $state('')

  #api: Pick<DirectoryApi, 'get'>
  #wanted: { place: Place; at: string } | undefined

  constructor(api: Pick<DirectoryApi, 'get'>) {
    this.#api = api
  }

  async show(place: Place | undefined, at: string): Promise<void> {
    if (!place) {
      this.#wanted = undefined
      this.detail = undefined
      this.problem = undefined
      this.key = ''
      return
    }
    if (this.#wanted && keyOf(this.#wanted.place, this.#wanted.at) === keyOf(place, at)) return
    this.#wanted = { place, at }
    await this.refresh()
  }

  /** Reads it again. */
  async refresh(): Promise<void> {
    const wanted = this.#wanted
    if (!wanted) return
    this.loading = true
    try {
      const detail = await this.#api.get(wanted.place, wanted.at || undefined)
      if (wanted !== this.#wanted) return
      this.detail = detail
      this.problem = undefined
    } catch (error) {
      if (wanted !== this.#wanted) return
      this.detail = undefined
      this.problem = error instanceof ApiError ? error : new ApiError(0, String(error))
    }
    this.key = keyOf(wanted.place, wanted.at)
    this.loading = false
  }
}

export function keyOf(place: Place, at: string): string {
  return JSON.stringify([place.tenant, place.type, place.id, at])
}
