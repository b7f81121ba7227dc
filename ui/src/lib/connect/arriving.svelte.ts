// What has arrived so far, as far as it tells whether an identity provider is connected as it should be.

import type { Api } from '$lib/api/api'
import type { Exchange, Summary } from '$lib/api/types'
import { ENTRA_FLAG } from './values'

/** Asked at most so often. */
const PAUSE_MS = 1_500
/** Deviations of a PATCH that Entra leaves out when it was asked to. */
const OLD = ['T2', 'T3']

/** How Entra sends, and the exchange that shows it. */
export interface FlagSeen {
  what: 'parameter' | 'compliant' | 'old'
  seq: number
}

export class Arriving {
  newest: Summary | undefined = $state.raw()
  /** The last one that was refused with 401. */
  refused: Exchange | undefined = $state.raw()
  flag: FlagSeen | undefined = $state.raw()

  #api: Pick<Api, 'newest' | 'exchange'>
  #asking = false
  #again = false

  constructor(api: Pick<Api, 'newest' | 'exchange'>) {
    this.#api = api
  }

  /** The step of the last refusal that did not pass. */
  get reason(): string | undefined {
    const steps = this.refused?.auth
    return (steps?.findLast((step) => !step.passed) ?? steps?.at(-1))?.found
  }

  /** Whether the last refused request had a token with it; nothing if none was refused. */
  get tokenSeen(): boolean | undefined {
    return this.refused?.request.headers.some(([name]) => name.toLowerCase() === 'authorization')
  }

  /** Looks again, at most every now and then. */
  async look(): Promise<void> {
    if (this.#asking) {
      this.#again = true
      return
    }
    this.#asking = true
    try {
      const one = async (q: string) => (await this.#api.newest(q, 1)).items[0]
      const [newest, unauthorised, flagged, patch] = await Promise.all([
        one(''),
        one('status:401'),
        one(`target:${ENTRA_FLAG}`),
        one('dialect:entra method:patch'),
      ])
      this.newest = newest
      this.flag = flagged
        ? { what: 'parameter', seq: flagged.seq }
        : patch && {
            what: patch.tolerances.some((code) => OLD.includes(code)) ? 'old' : 'compliant',
            seq: patch.seq,
          }
      const seq = unauthorised?.seq
      if (seq !== undefined && this.refused?.summary.seq !== seq) this.refused = await this.#api.exchange(seq)
    } catch {
      // The strip says when the server is lost; this is asked for again with the next exchange.
    }
    setTimeout(() => {
      this.#asking = false
      if (this.#again) {
        this.#again = false
        void this.look()
      }
    }, PAUSE_MS)
  }
}
