// Runs as they stand. Those that go on are asked for again until they are over.

import type { Replays, Run } from '$lib/api/replays'

const EVERY_MS = 500

export class Runs {
  items: Run[] = $state.raw([])
  loaded = $state(false)
  problem = $state('')
  #timer: ReturnType<typeof setTimeout> | undefined
  #asked = 0

  constructor(private readonly api: Pick<Replays, 'list'>) {}

  /** Asks now, and again while something goes on. */
  async load(): Promise<void> {
    clearTimeout(this.#timer)
    const asked = ++this.#asked
    try {
      const items = await this.api.list()
      if (asked !== this.#asked) return
      this.items = items
      this.problem = ''
    } catch (error) {
      if (asked !== this.#asked) return
      this.problem = error instanceof Error ? error.message : String(error)
    }
    this.loaded = true
    if (this.items.some(goesOn)) this.#timer = setTimeout(() => void this.load(), EVERY_MS)
  }

  stop(): void {
    this.#asked++
    clearTimeout(this.#timer)
  }
}

/** Whether a run is not over. */
export function goesOn(run: Run): boolean {
  return run.state === 'running' || run.state === 'waiting'
}
