// The filter as it is written: what stands in chips, what is being typed, and what the server says of both.

import type { Api } from '$lib/api/api'
import type { QueryClause, QueryCompletions, QueryDiagnostic } from '$lib/api/types'
import { joined, without } from '$lib/filter/clauses'

/** How long typing rests before the list follows. */
const REST_MS = 180

export class Filter {
  /** What stands in chips. */
  committed = $state('')
  /** What is being typed. */
  draft = $state('')
  /** The text that the list is filtered by. */
  applied = $state('')
  clauses: QueryClause[] = $state.raw([])
  diagnostics: QueryDiagnostic[] = $state.raw([])
  sentence = $state('')
  completions: QueryCompletions | undefined = $state.raw()

  #api: Pick<Api, 'complete'>
  #timer: ReturnType<typeof setTimeout> | undefined
  #asked = 0
  /** Over when the server has said what it makes of the text as it was typed last. */
  #understanding: Promise<void> = Promise.resolve()
  #onapply: (text: string) => void

  constructor(api: Pick<Api, 'complete'>, onapply: (text: string) => void = () => undefined) {
    this.#api = api
    this.#onapply = onapply
  }

  /** The whole text, chips and what is typed. */
  get text(): string {
    return joined(this.committed, this.draft)
  }

  /** Puts another text in the place of everything. */
  set(text: string): void {
    this.committed = text.trim()
    this.draft = ''
    this.#apply()
    void this.#understand()
  }

  /** Adds a clause to what is there; one that is there already stays alone. */
  add(clause: string): void {
    if (this.clauses.some(({ text }) => text === clause)) return
    this.set(joined(this.committed, clause))
  }

  /** What is typed now, with the cursor. */
  type(draft: string, cursor: number): void {
    this.draft = draft
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#apply(), REST_MS)
    void this.#complete(cursor)
    this.#understanding = this.#understand()
  }

  /** Makes chips of what is typed, unless the server leaves out a part of it. Tells whether it did. */
  async finish(): Promise<boolean> {
    const draft = this.draft
    await this.#understanding
    if (draft !== this.draft || this.draftDiagnostics.some((one) => one.left_out)) return false
    this.commit()
    return true
  }

  /** Makes chips of what is typed. */
  commit(): void {
    this.committed = this.text
    this.draft = ''
    this.completions = undefined
    this.#apply()
    void this.#understand()
  }

  remove(clause: QueryClause): void {
    this.set(without(this.committed, clause.start, clause.end))
  }

  /** Takes a chip back into the field. */
  edit(clause: QueryClause): void {
    this.committed = without(this.committed, clause.start, clause.end)
    this.draft = clause.text
    void this.#understand()
  }

  /** Where the text that is typed begins in the whole text; the whole text can have parentheses before it. */
  get #draftAt(): number {
    return (
      this.text.length -
      this.draft.trim().length -
      (this.text.endsWith(')') && !this.draft.trim().endsWith(')') ? 1 : 0)
    )
  }

  /** What is wrong with the part that is typed, and what is wrong with chips. */
  get draftDiagnostics(): QueryDiagnostic[] {
    if (this.draft.trim() === '') return []
    return this.diagnostics.filter(({ end }) => end > this.#draftAt)
  }

  problemOf(clause: QueryClause): QueryDiagnostic | undefined {
    const limit = this.draft.trim() === '' ? Infinity : this.#draftAt
    return this.diagnostics.find(({ start, end }) => start < clause.end && end > clause.start && start < limit)
  }

  #apply(): void {
    clearTimeout(this.#timer)
    const text = this.text
    if (text === this.applied) return
    this.applied = text
    this.#onapply(text)
  }

  async #complete(cursor: number): Promise<void> {
    const asked = ++this.#asked
    try {
      const completions = await this.#api.complete(this.draft, cursor)
      if (asked === this.#asked) this.completions = completions
    } catch {
      if (asked === this.#asked) this.completions = undefined
    }
  }

  async #understand(): Promise<void> {
    const [text, committed] = [this.text, this.committed]
    if (text === '') {
      this.clauses = []
      this.diagnostics = []
      this.sentence = ''
      return
    }
    try {
      const asked = this.#api.complete(text, 0)
      const chips = committed === text || committed === '' ? asked : this.#api.complete(committed, 0)
      const [whole, finished] = await Promise.all([asked, chips])
      if (committed === this.committed) this.clauses = committed === '' ? [] : finished.query.clauses
      if (text === this.text) {
        this.diagnostics = whole.query.diagnostics
        this.sentence = whole.query.sentence
      }
    } catch {
      // The list says that the server does not answer.
    }
  }
}
