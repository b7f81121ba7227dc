// Exchanges that somebody wants gone: hidden at once, and removed by the server when the time to undo it is over.

import type { Api } from '$lib/api/api'
import type { Batch, Removal, Summary } from '$lib/api/types'

/** What the exchanges of the sample are tagged with. */
export const SAMPLE_TAG = 'sample'

/** What to remove: some by number, those with a tag, or everything that is not pinned. */
export type Unwanted = { seqs: number[] } | { tag: string } | 'all'

interface Waiting {
  id: number
  what: Unwanted
  /** When it is carried out, in milliseconds since the epoch. */
  due: number
  hides: (row: Summary) => boolean
}

export class Removals {
  /** Those that can still be undone, and those that are being carried out; the newest last. */
  waiting: Waiting[] = $state.raw([])
  problem = $state('')
  /** Whether something was removed while this page was open. */
  happened = $state(false)
  /** Whether it is offered to remove what the sample has sent. */
  sampleOffered = $state(false)

  #api: Pick<Api, 'remove' | 'undoRemoval' | 'removals'>
  #gone = new Set<(hides: (row: Summary) => boolean) => void>()

  constructor(api: Pick<Api, 'remove' | 'undoRemoval' | 'removals'>) {
    this.#api = api
  }

  /** The newest one, which undo is about. */
  get newest(): Waiting | undefined {
    return this.waiting.at(-1)
  }

  hides(row: Summary): boolean {
    return this.waiting.some(({ hides }) => hides(row))
  }

  /** Calls back when a removal is carried out, with what it was about. The result ends that. */
  onGone(callback: (hides: (row: Summary) => boolean) => void): () => void {
    this.#gone.add(callback)
    return () => this.#gone.delete(callback)
  }

  /** Takes over what was begun before the page was opened. */
  async start(): Promise<void> {
    try {
      const { items } = await this.#api.removals()
      this.waiting = items.map(toWaiting)
    } catch {
      // What waits is carried out all the same.
    }
  }

  async remove(what: Unwanted): Promise<void> {
    this.problem = ''
    this.sampleOffered = false
    try {
      const removal = await this.#api.remove(what === 'all' ? {} : what)
      this.waiting = [...this.waiting, toWaiting(removal)]
      this.happened = true
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
    }
  }

  /** Calls the newest one off; tells whether it was in time. */
  async undo(): Promise<boolean> {
    const { newest } = this
    if (!newest) return false
    try {
      await this.#api.undoRemoval(newest.id)
      this.waiting = this.waiting.filter((other) => other !== newest)
      return true
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
      return false
    }
  }

  /** Takes in what a batch of the stream says of removals. */
  arrived({ states }: Batch): void {
    for (const { what, detail } of states) {
      if (what !== 'removed' && what !== 'removal-failed') continue
      if (what === 'removal-failed') this.problem = detail
      else this.happened = true
      // They are carried out in the order in which they are due.
      const [first, ...others] = this.waiting.toSorted((left, right) => left.due - right.due)
      if (!first) continue
      if (what === 'removed') for (const callback of this.#gone) callback(first.hides)
      this.waiting = this.waiting.filter((waiting) => others.includes(waiting))
    }
  }
}

function toWaiting({ id, seqs, through, tag, due_at }: Removal): Waiting {
  const due = Date.parse(due_at)
  if (seqs.length > 0) {
    const numbers = new Set(seqs)
    return { id, due, what: { seqs }, hides: ({ seq, verdict }) => numbers.has(seq) && verdict !== 'pending' }
  }
  const wanted = tag?.toLowerCase()
  const hides = (row: Summary) =>
    row.seq <= (through ?? 0) &&
    !row.pinned &&
    row.verdict !== 'pending' &&
    (wanted === undefined || row.tags.some((other) => other.toLowerCase() === wanted))
  return { id, due, what: tag ? { tag } : 'all', hides }
}
