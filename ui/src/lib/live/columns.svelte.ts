// The columns of the live list: which, and in which order. Kept in the workspace.

import type { Api } from '$lib/api/api'

export type ColumnId =
  | 'number'
  | 'time'
  | 'verdict'
  | 'what'
  | 'method'
  | 'target'
  | 'status'
  | 'took'
  | 'client'
  | 'tenant'
  | 'changes'
  | 'findings'
  | 'tags'

/** Tracks of the grid; what happened is always there and takes most of the room. */
export const TRACKS: Record<ColumnId, string> = {
  number: '64px',
  time: '92px',
  verdict: '20px',
  what: 'minmax(220px, 1.25fr)',
  method: '56px',
  target: 'minmax(120px, 1fr)',
  status: '52px',
  took: '64px',
  client: '92px',
  tenant: '92px',
  changes: '64px',
  findings: '64px',
  tags: 'minmax(80px, 0.4fr)',
}
export const ALL = Object.keys(TRACKS) as ColumnId[]
export const DEFAULT: ColumnId[] = ['time', 'verdict', 'what', 'method', 'target', 'status', 'took']

/** Those that are known of what is kept; a list without the one that is always there gets it back. */
export function known(columns: string[]): ColumnId[] {
  const chosen = ALL.filter((id) => columns.includes(id)).sort((a, b) => columns.indexOf(a) - columns.indexOf(b))
  if (chosen.length === 0) return DEFAULT
  return chosen.includes('what') ? chosen : ['what', ...chosen]
}

export class Columns {
  chosen: ColumnId[] = $state.raw(DEFAULT)
  problem = $state('')
  #api: Pick<Api, 'columns' | 'setColumns'>

  constructor(api: Pick<Api, 'columns' | 'setColumns'>) {
    this.#api = api
  }

  get tracks(): string {
    return this.chosen.map((id) => TRACKS[id]).join(' ')
  }

  async load(): Promise<void> {
    try {
      this.chosen = known((await this.#api.columns()).columns)
    } catch {
      // The usual ones do.
    }
  }

  /** Shows a column, at its usual place, or hides it. */
  async toggle(id: ColumnId): Promise<void> {
    if (id === 'what') return
    if (this.chosen.includes(id)) return this.#choose(this.chosen.filter((other) => other !== id))
    const before = ALL.slice(0, ALL.indexOf(id)).findLast((other) => this.chosen.includes(other))
    const at = before === undefined ? 0 : this.chosen.indexOf(before) + 1
    await this.#choose(this.chosen.toSpliced(at, 0, id))
  }

  /** Moves a column by so many places. */
  async move(id: ColumnId, by: number): Promise<void> {
    const at = this.chosen.indexOf(id)
    const to = at + by
    if (at < 0 || to < 0 || to >= this.chosen.length) return
    await this.#choose(this.chosen.toSpliced(at, 1).toSpliced(to, 0, id))
  }

  async reset(): Promise<void> {
    await this.#choose(DEFAULT)
  }

  async #choose(columns: ColumnId[]): Promise<void> {
    this.chosen = columns
    this.problem = ''
    try {
      await this.#api.setColumns(columns === DEFAULT ? [] : columns)
    } catch (error) {
      // They are so until the page is opened again.
      this.problem = error instanceof Error ? error.message : String(error)
    }
  }
}
