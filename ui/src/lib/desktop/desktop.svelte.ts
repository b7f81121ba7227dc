// The desktop host as the page knows it. In a browser there is none, and nothing here happens.

import { openHost, type Host, type HostChange, type HostFacts, type Saying } from '$lib/transport/host'

/** How large the page can be drawn. */
export const ZOOMS = [0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3]

/** The next larger or smaller zoom, or this one at the end. */
export function zoomed(from: number, by: 1 | -1): number {
  const next = by > 0 ? ZOOMS.find((zoom) => zoom > from + 0.001) : ZOOMS.findLast((zoom) => zoom < from - 0.001)
  return next ?? from
}

export class Desktop {
  facts: HostFacts | undefined = $state.raw()
  /** What could not be done, for the person. */
  problem = $state('')
  #host: Host | undefined
  #open: () => Promise<Host | undefined>

  constructor(open: () => Promise<Host | undefined> = openHost) {
    this.#open = open
  }

  /** Begins to listen; `hear` gets what is not the page's own business. */
  async start(hear: (saying: Saying) => void): Promise<Host | undefined> {
    const host = await this.#open()
    if (!host) return undefined
    this.#host = host
    this.facts = await host.attach((saying) => {
      if (saying.kind === 'facts') this.facts = saying
      else if (saying.kind === 'refused') this.problem = saying.why
      else hear(saying)
    })
    return host
  }

  /** Changes settings of the app. */
  change = (change: HostChange) => this.#ask(async (host) => void (this.facts = await host.change(change)))

  zoom = (by: 1 | -1) => this.change({ zoom: zoomed(this.facts?.zoom ?? 1, by) })

  hide = () => this.#ask((host) => host.hideWindow())

  quit = () => this.#ask((host) => host.quit())

  reveal = () => this.#ask((host) => host.revealData())

  /** The bytes of a file that was dropped; nothing if it cannot be read, which `problem` says. */
  async readGiven(path: string): Promise<ArrayBuffer | undefined> {
    let bytes: ArrayBuffer | undefined
    await this.#ask(async (host) => void (bytes = await host.readGiven(path)))
    return bytes
  }

  openLinks = () => this.#ask(async (host) => void (this.facts = await host.openLinks()))

  async #ask(what: (host: Host) => Promise<void>): Promise<void> {
    if (!this.#host) return
    try {
      await what(this.#host)
      this.problem = ''
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
    }
  }
}

export const desktop = new Desktop()
