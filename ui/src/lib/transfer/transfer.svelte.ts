// What is asked to leave or to come in, from wherever it is asked.

import { transfer, type ImportFacts } from '$lib/api/transfer'
import { strings } from '$lib/strings'
import type { Dropped } from '$lib/drop/drops.svelte'
import { announcer } from '$lib/ui/announce.svelte'

/** What an export can be of, as the screen that asks for it knows. */
export interface Subject {
  seqs?: number[]
  query?: string
  flow?: { id: number; name: string }
}

/** A file that comes in. */
interface Coming {
  name: string
  share: number
  problem?: string
  facts?: ImportFacts
}

class Transfers {
  /** The export that is asked for; a new object each time. */
  asked: Subject | undefined = $state.raw()
  /** The import that goes on, or has ended and was not put away yet. */
  coming: Coming | undefined = $state()

  #shown: (() => Subject) | undefined

  /** Opens the dialog. Without a subject it is of what is in sight. */
  export(subject: Subject = this.#shown?.() ?? {}): void {
    this.asked = { ...subject }
  }

  /** A screen says what of it an export would be of, until the result is called. */
  offer(subject: () => Subject): () => void {
    this.#shown = subject
    return () => {
      if (this.#shown === subject) this.#shown = undefined
    }
  }

  putAway(): void {
    this.coming = undefined
  }

  /** Lets a person choose a file. */
  choose(): void {
    const input = document.createElement('input')
    input.type = 'file'
    input.accept = '.har,.json,.ndjson,.sh,.txt'
    input.addEventListener('change', () => {
      const file = input.files?.[0]
      if (file) void this.import(file)
    })
    input.click()
  }

  /** Takes what was dropped; the desktop tells only where it is. */
  async take({ name, path, file }: Dropped): Promise<void> {
    if (file) return this.import(file)
    if (path === undefined) return
    const { desktop } = await import('$lib/desktop/desktop.svelte')
    const bytes = await desktop.readGiven(path)
    if (bytes) await this.import(new File([bytes], name))
  }

  async import(file: File): Promise<void> {
    const name = file.name
    this.coming = { name, share: 0 }
    announcer.say(strings.transfer.importing(name))
    try {
      const bytes = new Uint8Array(await file.arrayBuffer())
      const { id } = await transfer.import(name, bytes)
      const job = await transfer.ended(id, (share) => (this.coming = { name, share }))
      const facts = job.facts as unknown as ImportFacts | undefined
      this.coming = facts ? { name, share: 1, facts } : undefined
      if (facts) announcer.say(strings.transfer.imported(facts.exchanges, facts.scim, facts.changed))
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      this.coming = { name, share: 1, problem }
      announcer.say(strings.transfer.importFailed(name, problem))
    }
  }
}

/** One for the page. */
export const transfers = new Transfers()
