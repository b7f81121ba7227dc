// What this browser remembers of how the page was left, for each workspace.

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

function read(key: string): Kept {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Kept>
    return {
      beside: share(kept.beside, DEFAULTS.beside),
      above: share(kept.above, DEFAULTS.above),
      message: kept.message === 'raw' ? 'raw' : 'pretty',
      place: typeof kept.place === 'string' && kept.place.startsWith('#/') ? kept.place : '',
    }
  } catch {
    return DEFAULTS
  }
}

function share(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value > 0.1 && value < 0.9 ? value : otherwise
}

class Preferences {
  #key = KEY
  #kept: Kept = $state(read(KEY))

  /** Goes over to what is remembered of a workspace; temporary ones, which have no path to keep, share one memory. */
  open(workspace: string | undefined): void {
    this.#key = workspace ? `${KEY}:${workspace}` : KEY
    this.#kept = read(this.#key)
  }

  get message(): Kept['message'] {
    return this.#kept.message
  }

  setMessage(message: Kept['message']): void {
    this.#kept.message = message
    this.#write()
  }

  share(stacked: boolean): number {
    return stacked ? this.#kept.above : this.#kept.beside
  }

  setShare(stacked: boolean, value: number): void {
    if (stacked) this.#kept.above = value
    else this.#kept.beside = value
    this.#write()
  }

  get place(): string {
    return this.#kept.place
  }

  setPlace(place: string): void {
    if (place === this.#kept.place) return
    this.#kept.place = place
    this.#write()
  }

  #write(): void {
    localStorage.setItem(this.#key, JSON.stringify(this.#kept))
  }
}

export const preferences = new Preferences()
