// How densely a diff is shown; remembered in this browser.

export type Density = 'sentence' | 'table' | 'sides'
export const DENSITIES: Density[] = ['sentence', 'table', 'sides']

const KEY = 'scimscope.density'

class Chosen {
  #density: Density = $state(read())

  get density(): Density {
    return this.#density
  }

  choose(density: Density): void {
    this.#density = density
    localStorage.setItem(KEY, density)
  }
}

function read(): Density {
  const kept = localStorage.getItem(KEY)
  return DENSITIES.find((density) => density === kept) ?? 'table'
}

export const chosen = new Chosen()
