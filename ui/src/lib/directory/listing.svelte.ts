// Resources of one type as they are asked for: a sliding window of pages over as many as there are.

import { ApiError } from '$lib/api/api'
import type { DirectoryApi, FilterInfo, Plan, Resource } from '$lib/api/directory'

/** Resources in a page. */
export const PAGE = 100
const KEPT_PAGES = 24

/** Which resources, and in which order. */
export interface Question {
  tenant: string
  type: string
  filter: string
  sortBy: string
  descending: boolean
  /** The state to read: `seq:12` or a revision; empty for the present. */
  at: string
}

interface Held {
  items: Resource[]
  /** Which round of reading it came from: what is older is shown until it is read again. */
  round: number
  loading: boolean
  used: number
}

export class Listing {
  /** Grows with every change that a reader of `row` has to see. */
  version = $state(0)
  total = $state(0)
  /** Whether the question in sight is not answered yet. */
  waiting = $state(false)
  problem: ApiError | undefined = $state.raw()
  plan: Plan | undefined = $state.raw()
  filter: FilterInfo | undefined = $state.raw()
  /** The question that the rows answer. */
  answered: Question | undefined = $state.raw()

  #api: Pick<DirectoryApi, 'list'>
  #question: Question | undefined
  #pages = new Map<number, Held>()
  #round = 0
  #clock = 0
  #sight: [number, number] = [0, 50]
  #abort = new AbortController()

  constructor(api: Pick<DirectoryApi, 'list'>) {
    this.#api = api
  }

  /** Asks another question; what is there stays in sight until the answer comes. */
  ask(question: Question): void {
    if (this.#question && same(this.#question, question)) return
    const elsewhere = this.#question?.tenant !== question.tenant || this.#question.type !== question.type
    this.#question = question
    this.#abort.abort()
    this.#abort = new AbortController()
    this.#round++
    this.waiting = true
    if (elsewhere) this.#empty()
    void this.#fetch(elsewhere ? 0 : Math.floor(this.#sight[0] / PAGE), true)
  }

  /** Reads again what is in sight: something has changed. */
  refresh(): void {
    if (!this.#question || this.waiting) return
    this.#round++
    this.look(...this.#sight)
  }

  /** The resource at a place in the order, from 0. */
  row(index: number): Resource | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.items[index % PAGE]
  }

  /** The place of a resource, if it is here. */
  indexOf(id: string): number | undefined {
    for (const [page, held] of this.#pages) {
      const at = held.items.findIndex((item) => item.id === id)
      if (at >= 0) return page * PAGE + at
    }
    return undefined
  }

  /** Says which rows are in sight, from 0, the end not included; reads what is missing. */
  look(from: number, end: number): void {
    this.#sight = [from, end]
    if (!this.#question || this.waiting || this.total === 0) {
      // With nothing to see, the first page may have become something.
      if (this.#question && !this.waiting && !this.problem) void this.#fetch(0, false)
      return
    }
    for (let page = Math.floor(from / PAGE); page <= Math.floor((Math.min(end, this.total) - 1) / PAGE); page++)
      void this.#fetch(page, false)
  }

  async #fetch(page: number, first: boolean): Promise<void> {
    const question = this.#question
    if (!question) return
    const held = this.#pages.get(page)
    if (held) held.used = ++this.#clock
    if (!first && held && (held.loading || held.round === this.#round)) return
    const round = this.#round
    if (held) held.loading = true
    else if (!first) this.#pages.set(page, { items: [], round: -1, loading: true, used: ++this.#clock })
    try {
      const { signal } = this.#abort
      const answer = await this.#api.list(question.tenant, question.type, query(question, page), signal)
      if (question !== this.#question) return
      if (first) this.#pages.clear()
      // The list became shorter than the place that was looked at.
      const beyond = answer.items.length === 0 && answer.total > 0 && page > 0
      this.#pages.set(page, { items: answer.items, round, loading: false, used: ++this.#clock })
      this.total = answer.total
      this.plan = answer.plan
      this.filter = answer.filter ?? undefined
      this.problem = undefined
      this.answered = question
      if (first) this.waiting = false
      this.#evict()
      this.version++
      if (beyond) this.#sight = [0, 50]
      if (first || round !== this.#round || beyond) this.look(...this.#sight)
    } catch (error) {
      if (question !== this.#question) return
      const kept = this.#pages.get(page)
      if (kept) kept.loading = false
      this.waiting = false
      this.problem = error instanceof ApiError ? error : new ApiError(0, String(error))
      this.version++
    }
  }

  #empty(): void {
    this.#pages.clear()
    this.total = 0
    this.plan = undefined
    this.filter = undefined
    this.problem = undefined
    this.answered = undefined
    this.#sight = [0, 50]
    this.version++
  }

  #evict(): void {
    while (this.#pages.size > KEPT_PAGES) {
      let oldest: number | undefined
      let used = Infinity
      for (const [page, held] of this.#pages) {
        if (held.loading || held.used >= used) continue
        used = held.used
        oldest = page
      }
      if (oldest === undefined) return
      this.#pages.delete(oldest)
    }
  }
}

function query(question: Question, page: number) {
  return {
    filter: question.filter || undefined,
    sort_by: question.sortBy || undefined,
    sort_order: question.descending ? ('descending' as const) : undefined,
    start_index: page * PAGE + 1,
    count: PAGE,
    at: question.at || undefined,
  }
}

function same(left: Question, right: Question): boolean {
  return (Object.keys(left) as (keyof Question)[]).every((name) => left[name] === right[name])
}
