// What can be done with the open workspace from anywhere in the page; `WorkspaceDialogs` asks what has to be asked.

import { api } from '$lib/api/api'
import type { RecentWorkspace } from '$lib/api/types'
import type { Session } from '$lib/store/session.svelte'
import { strings } from '$lib/strings'
import { announcer } from '$lib/ui/announce.svelte'
import { isPassing, workspaceName } from './name'
import { hostPicker } from './picker'

const POLL_MS = 150

export type Asked = 'save' | 'open' | 'new' | 'refused' | 'loses'

/** Work on the workspace. One for the page. */
class Desk {
  /** The question that is open. */
  asked: Asked | undefined = $state()
  /** How far saving is, from 0 to 1, while it runs. */
  saving: number | undefined = $state()
  /** What came of the last thing that was done, until it is dismissed. */
  told: { text: string; bad: boolean } | undefined = $state()
  recent: RecentWorkspace[] = $state.raw([])

  #job: number | undefined
  #goOn: (() => Promise<void>) | undefined

  /** Whether the page may name files; as the server says. */
  async allowed(): Promise<boolean> {
    const workspace = await api.workspace()
    return workspace.may_name_files
  }

  async loadRecent(): Promise<void> {
    try {
      this.recent = (await api.recentWorkspaces()).items
    } catch {
      // A list of the past; the page does without.
    }
  }

  async forget(path: string): Promise<void> {
    this.recent = (await api.forgetWorkspace(path)).items
  }

  /** Saves the workspace, or a copy of it, where the person says. */
  saveAs(session: Session): Promise<void> {
    return this.#if(async () => {
      const host = hostPicker()
      if (!host) return void (this.asked = 'save')
      const path = await host.save(session.status ? workspaceName(session.status.workspace) : '')
      if (path !== undefined) await this.save(session, path, true)
    })
  }

  /** Opens the workspace that the person says. */
  open(session: Session): Promise<void> {
    return this.#if(() =>
      this.#unlessLost(session, async () => {
        const host = hostPicker()
        if (!host) return void (this.asked = 'open')
        const path = await host.open()
        if (path !== undefined) await this.#tell(this.openPath(path))
      }),
    )
  }

  /** Opens a workspace of which the path is known. */
  openKnown(session: Session, path: string): Promise<void> {
    return this.#if(() => this.#unlessLost(session, () => this.#tell(this.openPath(path))))
  }

  /** Makes a new workspace where the person says. */
  create(session: Session): Promise<void> {
    return this.#if(() =>
      this.#unlessLost(session, async () => {
        const host = hostPicker()
        if (!host) return void (this.asked = 'new')
        const path = await host.save('')
        if (path !== undefined) await this.#tell(this.createPath(path))
      }),
    )
  }

  createTemporary(session: Session): Promise<void> {
    return this.#if(() => this.#unlessLost(session, () => this.#tell(this.createPath())))
  }

  /** Opens it. The event stream tells that another workspace is there, and the page begins anew. */
  async openPath(path: string): Promise<void> {
    await api.openWorkspace(path)
  }

  async createPath(path?: string): Promise<void> {
    await api.newWorkspace(path)
  }

  /** Saves, and follows the job to its end. */
  async save(session: Session, path: string, replace: boolean): Promise<void> {
    const wasTemporary = session.status !== undefined && isPassing(session.status.workspace)
    const { id } = await api.saveWorkspaceAs(path, replace)
    this.#job = id
    this.saving = 0
    void this.#follow(session, id, wasTemporary)
  }

  async #follow(session: Session, id: number, wasTemporary: boolean): Promise<void> {
    const texts = strings.workspace
    try {
      for (;;) {
        const job = await api.job(id)
        if (job.state === 'running') {
          this.saving = job.progress.total > 0 ? job.progress.done / job.progress.total : 0
          await new Promise((done) => setTimeout(done, POLL_MS))
          continue
        }
        const saved = (job.facts as { path?: string } | null | undefined)?.path ?? ''
        if (job.state === 'done') this.#say(wasTemporary ? texts.saved(saved) : texts.savedCopy(saved), false)
        else if (job.state === 'cancelled') this.#say(texts.cancelled, false)
        else this.#say(texts.saveFailed(job.problem ?? ''), true)
        break
      }
    } catch (error) {
      this.#say(texts.saveFailed(error instanceof Error ? error.message : String(error)), true)
    }
    this.saving = undefined
    this.#job = undefined
    await Promise.all([session.refresh(), this.loadRecent()])
  }

  async cancelSaving(): Promise<void> {
    if (this.#job !== undefined) await api.cancelJob(this.#job)
  }

  /** The person gives the temporary workspace up. */
  async giveUp(): Promise<void> {
    const goOn = this.#goOn
    this.#goOn = undefined
    await goOn?.()
  }

  // What a temporary workspace holds is lost when another one is opened; nothing in it, nothing to ask.
  async #unlessLost(session: Session, goOn: () => Promise<void>): Promise<void> {
    const holds = session.status !== undefined && isPassing(session.status.workspace) && session.live.head > 0
    if (!holds) return goOn()
    this.#goOn = goOn
    this.asked = 'loses'
  }

  // Only where the server lets the page name files.
  async #if(goOn: () => Promise<void>): Promise<void> {
    try {
      if (await this.allowed()) await goOn()
      else this.asked = 'refused'
    } catch (error) {
      this.#say(strings.workspace.openFailed(error instanceof Error ? error.message : String(error)), true)
    }
  }

  async #tell(done: Promise<void>): Promise<void> {
    try {
      await done
    } catch (error) {
      this.#say(strings.workspace.openFailed(error instanceof Error ? error.message : String(error)), true)
    }
  }

  #say(text: string, bad: boolean): void {
    this.told = { text, bad }
    announcer.say(text)
  }
}

export const desk = new Desk()

/** Has the browser save a copy of the workspace as a file. */
export function download(): void {
  const link = document.createElement('a')
  link.href = '/api/v1/workspace/copy'
  link.download = ''
  link.click()
}
