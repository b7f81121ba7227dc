// How the page was left, for each workspace. How panes are arranged is kept in the workspace itself and so comes along with
// it; this browser remembers it too, so that nothing moves while it is asked for, and where the page was.

import { api } from '$lib/api/api'

const KEY = 'scimscope.preferences'

interface Kept {
  /** The list's share of the space, beside the detail and above it. */
  beside: number
  above: number
  message: 'pretty' | 'raw'
  /** The address in the page at which it was left, from `#/` on. */
  place: string
}

const DEFAULTS: Kept = { beside: 0.46, above: 0.44, message: 'pretty', place: '' }

/** How long changes are gathered before they are kept in the workspace. */
const KEEP_MS = 600

function read(key: string): Kept {
  try {
    return sound(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Kept>)
  } catch {
    return DEFAULTS
  }
}

function sound(kept: Partial<Kept>): Kept {
  return {
    beside: share(kept.beside, DEFAULTS.beside),
    above: share(kept.above, DEFAULTS.above),
    message: kept.message === 'raw' ? 'raw' : 'pretty',
    place: typeof kept.place === 'string' && kept.place.startsWith('#/') ? kept.place : '',
  }
}

function share(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value > 0.1 && value < 0.9 ? value : otherwise
}

class Preferences {
  #key = KEY
  #kept: Kept = $state(read(KEY))
  /** The layout as the workspace has it, with what others keep there. */
  #layout: Record<string, unknown> = {}
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Goes over to what is remembered of a workspace; temporary ones, which have no path to keep, share one memory. */
  async open(workspace: string | undefined): Promise<void> {
    const key = workspace ? `${KEY}:${workspace}` : KEY
    this.#key = key
    this.#kept = read(key)
    try {
      const layout = (await api.layout()) as Record<string, unknown>
      if (this.#key !== key) return
      this.#layout = layout
      const panes = layout['panes'] as Partial<Kept> | undefined
      if (panes) this.#kept = { ...sound({ ...this.#kept, ...panes }), place: this.#kept.place }
    } catch {
      // It is as this browser remembers it.
    }
  }

  get message(): Kept['message'] {
    return this.#kept.message
  }

  setMessage(message: Kept['message']): void {
    this.#kept.message = message
    this.#write()
    this.#keep()
  }

  share(stacked: boolean): number {
    return stacked ? this.#kept.above : this.#kept.beside
  }

  setShare(stacked: boolean, value: number): void {
    if (stacked) this.#kept.above = value
    else this.#kept.beside = value
    this.#write()
    this.#keep()
  }

  get place(): string {
    return this.#kept.place
  }

  setPlace(place: string): void {
    if (place === this.#kept.place) return
    this.#kept.place = place
    this.#write()
  }

  // A workspace that cannot be written is no reason not to move a pane.
  #keep(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const { beside, above, message } = this.#kept
      this.#layout = { ...this.#layout, panes: { beside, above, message } }
      void api.putLayout(this.#layout).catch(() => undefined)
    }, KEEP_MS)
  }

  #write(): void {
    localStorage.setItem(this.#key, JSON.stringify(this.#kept))
  }
}

export const preferences = new Preferences()
