// Findings by code, counted part by part: each answer of the server adds to what is shown.

import { ApiError, type Api } from '$lib/api/api'
import type { FindingGroup, FindingPage } from '$lib/api/types'

/** So many exchanges are counted without being asked to go on. */
const AT_FIRST = 200_000
const SAMPLES = 5
const GRAVITY = { info: 0, tolerated: 1, warning: 2, error: 3 }

export class Tally {
  groups: FindingGroup[] = $state.raw([])
  examined = $state(0)
  selected = $state(0)
  found = $state(0)
  /** The newest exchange when the counting began. */
  head = $state(0)
  busy = $state(false)
  /** Whether there is more to count than was counted. */
  more = $state(false)
  problem = $state('')
  /** How the query was understood. */
  sentence = $state('')
  mistakes: string[] = $state.raw([])
  loaded = $state(false)

  #api: Pick<Api, 'findings'>
  #query = ''
  #next: number | undefined
  #turn = 0

  constructor(api: Pick<Api, 'findings'>) {
    this.#api = api
  }

  /** Counts from the beginning. */
  async count(query: string): Promise<void> {
    this.#query = query
    this.#next = undefined
    const turn = ++this.#turn
    await this.#run(turn, true, AT_FIRST)
  }

  /** Counts the rest, however long it is. */
  async goOn(): Promise<void> {
    await this.#run(++this.#turn, false, Infinity)
  }

  /** Stays with what was counted. */
  stop(): void {
    this.#turn++
    this.busy = false
  }

  async #run(turn: number, fresh: boolean, most: number): Promise<void> {
    this.busy = true
    this.problem = ''
    let first = fresh
    let examined = 0
    try {
      do {
        const page = await this.#api.findings(this.#query, this.#next)
        if (turn !== this.#turn) return
        this.#add(page, first)
        first = false
        examined += page.examined
        this.#next = page.next ?? undefined
        this.more = this.#next !== undefined
      } while (this.#next !== undefined && examined < most)
    } catch (error) {
      if (turn !== this.#turn) return
      this.problem = error instanceof ApiError ? error.message : String(error)
    }
    this.busy = false
    this.loaded = true
  }

  #add(page: FindingPage, first: boolean): void {
    if (first) {
      this.head = page.head
      this.sentence = page.query?.sentence ?? ''
      this.mistakes = page.query?.diagnostics.map(({ message }) => message) ?? []
    }
    this.groups = merged(first ? [] : this.groups, page.items)
    this.examined = (first ? 0 : this.examined) + page.examined
    this.selected = (first ? 0 : this.selected) + page.selected
    this.found = (first ? 0 : this.found) + page.with_findings
    this.loaded = true
  }
}

/** Two lists of groups as one; `older` was counted further back, so its examples come after. */
export function merged(newer: FindingGroup[], older: FindingGroup[]): FindingGroup[] {
  const groups = new Map(newer.map((group) => [group.code, group]))
  for (const other of older) {
    const group = groups.get(other.code)
    if (!group) {
      groups.set(other.code, other)
      continue
    }
    const dialects = new Map(group.dialects.map(({ dialect, exchanges }) => [dialect, exchanges]))
    for (const { dialect, exchanges } of other.dialects) dialects.set(dialect, (dialects.get(dialect) ?? 0) + exchanges)
    groups.set(other.code, {
      ...group,
      severity: GRAVITY[other.severity] > GRAVITY[group.severity] ? other.severity : group.severity,
      findings: group.findings + other.findings,
      exchanges: group.exchanges + other.exchanges,
      dialects: [...dialects]
        .map(([dialect, exchanges]) => ({ dialect, exchanges }))
        .sort((left, right) => right.exchanges - left.exchanges),
      samples: [...group.samples, ...other.samples].slice(0, SAMPLES),
    })
  }
  return [...groups.values()].sort(
    (left, right) =>
      GRAVITY[right.severity] - GRAVITY[left.severity] ||
      right.exchanges - left.exchanges ||
      left.code.localeCompare(right.code),
  )
}
