// Where the page is, kept in the part of the address after `#/`, so that back, forward and a bookmark work.
//
// `#/directory/default/User/7f3?at=120` is the path `directory`, `default`, `User`, `7f3` and the query `at=120`.

export class Router {
  /** The parts of the path; none at the address without one. */
  path: string[] = $state.raw([])
  query: URLSearchParams = $state.raw(new URLSearchParams())
  /** The whole address from `#` on. */
  hash = $state('')

  /** Where each screen was left, so that its link in the rail leads back there. */
  #left = new Map<string, string>()

  /** Reads the address and follows it from now on. The result ends that. */
  start(): () => void {
    const follow = () => this.#read()
    follow()
    window.addEventListener('hashchange', follow)
    return () => window.removeEventListener('hashchange', follow)
  }

  /** Goes to an address as a step that can be taken back. */
  go(path: string, query: Record<string, string | undefined> = {}): void {
    const next = address(path, query)
    if (next === window.location.hash) return
    window.history.pushState(null, '', next)
    this.#read()
  }

  /** Puts another address in the place of this one: for what is typed or walked through. */
  replace(path: string, query: Record<string, string | undefined> = {}): void {
    const next = address(path, query)
    if (next === window.location.hash) return
    window.history.replaceState(null, '', next)
    this.#read()
  }

  /** Puts a whole address, from `#/` on, in the place of this one. */
  replaceWith(address: string): void {
    window.history.replaceState(null, '', address)
    this.#read()
  }

  /** Goes to a whole address, from `#/` on, as a step that can be taken back. */
  goTo(address: string): void {
    if (address === window.location.hash) return
    window.history.pushState(null, '', address)
    this.#read()
  }

  /** Changes some values of the query where the page is; `undefined` takes one away. */
  set(values: Record<string, string | undefined>, here = this.path.join('/')): void {
    this.replace(here, { ...Object.fromEntries(this.query), ...values })
  }

  /** Goes to a screen where it was left; to its beginning if it is the one in sight. */
  follow(screen: string): void {
    const here = (this.path[0] ?? screen) === screen
    const next = here ? `#/${screen}` : this.lastOf(screen)
    if (next === window.location.hash) return
    window.history.pushState(null, '', next)
    this.#read()
  }

  /** The address at which a screen was left, or its beginning. */
  lastOf(screen: string): string {
    return this.#left.get(screen) ?? `#/${screen}`
  }

  #read(): void {
    const hash = window.location.hash
    this.hash = hash
    const [path = '', query = ''] = hash.startsWith('#/') ? split(hash.slice(2)) : []
    this.path = path.split('/').filter(Boolean).map(decoded)
    this.query = new URLSearchParams(query)
    if (this.path[0] !== undefined) this.#left.set(this.path[0], hash)
  }
}

/** The address of a place in the page, for links: parts of `path` that come from data are to be encoded by `segment`. */
export function address(path: string, query: Record<string, string | undefined> = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') search.set(name, value)
  const text = search.toString()
  return `#/${path}${text ? `?${text}` : ''}`
}

/** A piece of data as one part of a path. */
export function segment(text: string): string {
  return encodeURIComponent(text)
}

function split(text: string): [string, string] {
  const at = text.indexOf('?')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export const router = new Router()
