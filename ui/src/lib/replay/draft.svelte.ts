// What is going to be replayed, and where one replayed last. Credentials are only ever in this object.

import type { BindingEdit, Credentials, Ignores, NewReplay, Pace, ReplaySource, StepEdit } from '$lib/api/replays'

const KEY = 'scimscope.replay'

export const IGNORES: Ignores = { ids: true, times: true, versions: true, order: true, wording: true, paths: [] }

interface Place {
  kind: 'tenant' | 'url'
  tenant: string
  url: string
}

function lastPlace(): Place {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Place>
    return {
      kind: kept.kind === 'url' ? 'url' : 'tenant',
      tenant: typeof kept.tenant === 'string' ? kept.tenant : 'default',
      url: typeof kept.url === 'string' ? kept.url : 'http://localhost:3000/scim/v2',
    }
  } catch {
    return { kind: 'tenant', tenant: 'default', url: 'http://localhost:3000/scim/v2' }
  }
}

export class Draft {
  source: ReplaySource = $state.raw({ kind: 'query', q: '' })
  place: Place = $state(lastPlace())
  credentials: Credentials = $state.raw({ kind: 'none' })
  proxy = $state('')
  authorities = $state('')
  pace: Pace = $state.raw({ kind: 'fast' })
  workers = $state(1)
  waitMs = $state(0)
  stopAtDifference = $state(false)
  checkState = $state(true)
  cleanUp = $state(false)
  bindings: BindingEdit[] = $state.raw([])
  edits: StepEdit[] = $state.raw([])
  /** Whether to start as soon as it is planned, for those who pressed the key for it. */
  atOnce = $state(false)

  /** Begins anew with this source. */
  open(source: ReplaySource, atOnce = false): void {
    this.source = source
    this.bindings = []
    this.edits = []
    this.atOnce = atOnce
  }

  get replay(): NewReplay {
    const { kind, tenant, url } = this.place
    return {
      source: this.source,
      target:
        kind === 'tenant'
          ? { kind, name: tenant }
          : {
              kind,
              url,
              credentials: this.credentials,
              ...(this.proxy.trim() ? { proxy: this.proxy.trim() } : {}),
              ...(this.authorities.trim() ? { authorities_pem: this.authorities } : {}),
            },
      pace: this.pace,
      workers: this.workers,
      ...(this.waitMs > 0 ? { wait_ms: this.waitMs } : {}),
      stop_at_difference: this.stopAtDifference,
      check_state: this.checkState,
      clean_up: this.cleanUp,
      bindings: this.bindings,
      edits: this.edits,
    }
  }

  /** Remembers the target, without credentials. */
  remember(): void {
    try {
      localStorage.setItem(KEY, JSON.stringify(this.place))
    } catch {
      // A browser that keeps nothing starts with the same target every time.
    }
  }

  /** Changes what is sent in a place of a request; nothing brings the value back that was followed. */
  bind(step: number, place: string, value: string, edit: BindingEdit | undefined): void {
    const others = this.bindings.filter(
      (one) => one.change === 'bind' || one.step !== step || one.place !== place || one.value !== value,
    )
    this.bindings = edit ? [...others, edit] : others
  }

  /** Puts another request in the place of a step's; nothing brings the recorded one back. */
  edit(step: number, edit: StepEdit | undefined): void {
    const others = this.edits.filter((one) => one.step !== step)
    this.edits = edit ? [...others, edit] : others
  }
}

/** One for the page: a key pressed in another screen fills it. */
export const draft = new Draft()
