// What this browser remembers of how the page was left.

const KEY = 'scimscope.preferences'

interface Kept {
  /** The list's share of the space, beside the detail and above it. */
  beside: number
  above: number
  message: 'pretty' | 'raw'
}

const DEFAULTS: Kept = { beside: 0.46, above: 0.44, message: 'pretty' }

function read(): Kept {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>
    return {
      beside: share(kept.beside, DEFAULTS.beside),
      above: share(kept.above, DEFAULTS.above),
      message: kept.message === 'raw' ? 'raw' : 'pretty',
    }
  } catch {
    return DEFAULTS
  }
}

function share(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value > 0.1 && value < 0.9 ? value : otherwise
}

class Preferences {
  #kept: Kept = $state(read())

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

  #write(): void {
    localStorage.setItem(KEY, JSON.stringify(this.#kept))
  }
}

export const preferences = new Preferences()
