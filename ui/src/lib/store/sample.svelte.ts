// The sample flow: plays it, and finds the exchange that shows best what the product is for.

import type { Api } from '$lib/api/api'
import { SAMPLE_TAG } from './removals.svelte'

const SCENARIO = 'entra-sample'
const POLL_MS = 150
const PAGE = 100

export class Sample {
  playing = $state(false)
  problem = $state('')

  #api: Pick<Api, 'play' | 'job' | 'exchanges' | 'mark'>
  #pause: (ms: number) => Promise<void>

  constructor(
    api: Pick<Api, 'play' | 'job' | 'exchanges' | 'mark'>,
    pause = (ms: number) => new Promise<void>((resume) => setTimeout(resume, ms)),
  ) {
    this.#api = api
    this.#pause = pause
  }

  /**
   * Plays the sample to its end. Answers with the first exchange after `head` that changed something although it
   * deviated from the RFC, or else the first that changed anything.
   */
  async play(head: number): Promise<number | undefined> {
    this.playing = true
    this.problem = ''
    try {
      const { id } = await this.#api.play(SCENARIO)
      let job = await this.#api.job(id)
      while (job.state === 'running') {
        await this.#pause(POLL_MS)
        job = await this.#api.job(id)
      }
      if (job.problem) this.problem = job.problem
      const { items } = await this.#api.exchanges(head, PAGE)
      await this.#tag(items.map(({ seq }) => seq))
      const changing = items.filter((item) => item.changes > 0)
      return (changing.find((item) => item.method === 'PATCH' && item.tolerances.includes('T3')) ?? changing[0])?.seq
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
      return undefined
    } finally {
      this.playing = false
    }
  }

  /** Says of the exchanges that nobody but the sample sent them; without the tag they are no worse. */
  async #tag(seqs: number[]): Promise<void> {
    if (seqs.length === 0) return
    try {
      await this.#api.mark({ seqs, add_tags: [SAMPLE_TAG] })
    } catch {
      // The list shows them as they are.
    }
  }
}
