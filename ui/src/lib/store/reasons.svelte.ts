// Why an exchange went as it did; asked for when somebody looks.

import { ApiError, type Api } from '$lib/api/api'
import type { Why } from '$lib/api/types'

export class Reasons {
  why: Why | undefined = $state.raw()
  problem = $state('')
  #api: Pick<Api, 'why'>
  #key = ''

  constructor(api: Pick<Api, 'why'>) {
    this.#api = api
  }

  /** Asks for an exchange as it stands at a position of the log. */
  async show(seq: number, pos: number): Promise<void> {
    const key = `${seq} ${pos}`
    if (key === this.#key) return
    if (!this.#key.startsWith(`${seq} `)) this.why = undefined
    this.#key = key
    this.problem = ''
    try {
      const why = await this.#api.why(seq)
      if (key === this.#key) this.why = why
    } catch (error) {
      if (key !== this.#key) return
      this.#key = ''
      this.problem = error instanceof ApiError ? error.message : String(error)
    }
  }
}
