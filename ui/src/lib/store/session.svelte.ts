// Whether this page may talk to the server, and what it knows of it.

import { api, ApiError } from '$lib/api/api'
import type { ConnectionInfo, Profile, Status, Tolerance } from '$lib/api/types'
import { inDesktop, openTransport } from '$lib/transport'
import { strings } from '$lib/strings'
import { announcer } from '$lib/ui/announce.svelte'
import { workspaceName } from '$lib/workspace/name'
import { Live } from './live.svelte'
import { Removals } from './removals.svelte'

/** How long changes are gathered before the counts are asked for. */
const REFRESH_MS = 250

export type Phase = 'starting' | 'locked' | 'unreachable' | 'ready'

/** Takes the token out of the address, so that it is neither shown, bookmarked nor in the history. */
export function takeToken(location: Location, history: History): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return undefined
  history.replaceState(history.state, '', location.pathname + location.search)
  return token
}

/** Set while the page is loaded again because another workspace was opened. */
const OPENED = 'scimscope.opened'

/** Another workspace is open: nothing that is shown or remembered here is of it. */
function beginAnew(): void {
  sessionStorage.setItem(OPENED, 'yes')
  window.history.replaceState(null, '', window.location.pathname)
  window.location.reload()
}

export class Session {
  phase: Phase = $state('starting')
  problem = $state('')
  /** Whether the server answered at all when `problem` came up. */
  answered = $state(false)
  status: Status | undefined = $state.raw()
  connection: ConnectionInfo | undefined = $state.raw()
  profile: Profile | undefined = $state.raw()
  tolerances: Map<string, Tolerance> = $state.raw(new Map())

  readonly live = new Live({
    api,
    transport: openTransport,
    frame: (callback) => void (document.hidden ? setTimeout(callback, 100) : requestAnimationFrame(callback)),
    onUnauthenticated: () => this.#lock(),
    onStatus: (status) => (this.status = status),
    onWorkspace: () => beginAnew(),
  })

  readonly removals = new Removals(api)

  #refreshing = false

  constructor() {
    this.live.onArrival((batch) => {
      const { items, states } = batch
      this.removals.arrived(batch)
      if (states.some(({ what }) => what === 'profile')) void this.#loadProfile()
      // The public URL and the token are settings of a tenant.
      if (states.some(({ what }) => what === 'tenant')) void this.#loadConnection()
      if (states.length > 0 || items.some((item) => item.changes > 0 || (item.rules ?? []).length > 0))
        this.#refreshSoon()
    })
  }

  /** Opens the page: trades a token in the address for a session, then loads what the frame shows. */
  async start(): Promise<void> {
    const token = inDesktop() ? undefined : takeToken(window.location, window.history)
    if (token !== undefined) await this.unlock(token)
    else await this.enter()
  }

  /** Trades the control token for a session cookie. */
  async unlock(token: string): Promise<void> {
    try {
      await api.openSession(token)
    } catch (error) {
      this.#failed(error, strings.session.wrongToken)
      return
    }
    await this.enter()
  }

  async enter(): Promise<void> {
    try {
      const [status, connection, profile, tolerances] = await Promise.all([
        api.status(),
        api.connection(),
        api.profile(),
        api.tolerances(),
      ])
      this.status = status
      this.connection = connection
      this.profile = profile
      this.tolerances = new Map(tolerances.map((tolerance) => [tolerance.id, tolerance]))
    } catch (error) {
      this.#failed(error, '')
      return
    }
    this.problem = ''
    this.phase = 'ready'
    if (sessionStorage.getItem(OPENED) && this.status) {
      sessionStorage.removeItem(OPENED)
      announcer.say(strings.workspace.opened(workspaceName(this.status.workspace)))
    }
    void this.removals.start()
    await this.live.connect()
  }

  /** Asks for the state that has no events of its own: counts, storage, profile. */
  async refresh(): Promise<void> {
    try {
      this.status = await api.status()
    } catch {
      // The event stream notices a lost server; a missed count is no news.
    }
  }

  async chooseProfile(name: string): Promise<void> {
    this.profile = await api.chooseProfile(name)
    await this.refresh()
  }

  /** Has clients come later, or answers them again. What fails shows in what the page says of the server. */
  async pause(paused: boolean): Promise<void> {
    try {
      await api.setServing(paused)
    } catch {
      // The state that is read next says what is so.
    }
    await this.refresh()
  }

  async #loadProfile(): Promise<void> {
    try {
      this.profile = await api.profile()
    } catch {
      // As for a missed count.
    }
  }

  async #loadConnection(): Promise<void> {
    try {
      this.connection = await api.connection()
    } catch {
      // As for a missed count.
    }
  }

  // However many changes come, counts are asked for a few times a second at most.
  #refreshSoon(): void {
    if (this.#refreshing) return
    this.#refreshing = true
    setTimeout(() => {
      this.#refreshing = false
      void this.refresh()
    }, REFRESH_MS)
  }

  // A session ends only with the server that gave it, so the next one has another log.
  #lock(): void {
    this.live.close()
    this.live.reset()
    this.phase = 'locked'
  }

  #failed(error: unknown, unauthenticated: string): void {
    const status = error instanceof ApiError ? error.status : 0
    this.answered = status !== 0
    if (status === 401) {
      this.problem = unauthenticated
      this.phase = 'locked'
    } else {
      this.problem = error instanceof Error ? error.message : String(error)
      this.phase = 'unreachable'
    }
  }
}
