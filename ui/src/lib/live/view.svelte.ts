// How the list is looked at: grouped or not, with probes or without; remembered in this browser.

const KEY = 'scimscope.list'

interface Kept {
  grouped: boolean
  probes: boolean
}

function read(): Kept {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>
    return { grouped: kept.grouped === true, probes: kept.probes !== false }
  } catch {
    return { grouped: false, probes: true }
  }
}

class ListView {
  #kept: Kept = $state(read())

  /** Whether exchanges stand under their flows. */
  get grouped(): boolean {
    return this.#kept.grouped
  }

  set grouped(grouped: boolean) {
    this.#kept.grouped = grouped
    this.#write()
  }

  /** Whether probes are shown. */
  get probes(): boolean {
    return this.#kept.probes
  }

  set probes(probes: boolean) {
    this.#kept.probes = probes
    this.#write()
  }

  #write(): void {
    localStorage.setItem(KEY, JSON.stringify(this.#kept))
  }
}

export const listView = new ListView()
