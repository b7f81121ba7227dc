// What is to be made up: the recipe, the first of what it makes, and the work.

import {
  seeding as door,
  type DatasetList,
  type Job,
  type Locale,
  type Recipe,
  type Seeding,
  type SeedPreview,
} from '$lib/api/seed'

/** After the last change of the recipe, before the preview is asked for. */
const SETTLE_MS = 180
const POLL_MS = 150

type Door = Pick<Seeding, 'datasets' | 'preview' | 'start' | 'job' | 'cancel'>

export class RecipeWork {
  recipe: Recipe | undefined = $state.raw()
  ready: DatasetList | undefined = $state.raw()
  preview: SeedPreview | undefined = $state.raw()
  /** Why the recipe cannot be made. */
  problem = $state('')
  /** The work that runs, or the last that ended. */
  job: Job | undefined = $state.raw()
  running = $state(false)

  #door: Door
  #pause: (ms: number) => Promise<void>
  #settle: ReturnType<typeof setTimeout> | undefined
  #asked: AbortController | undefined

  constructor(api: Door = door, pause = (ms: number) => new Promise<void>((resume) => setTimeout(resume, ms))) {
    this.#door = api
    this.#pause = pause
  }

  async load(): Promise<void> {
    try {
      this.ready = await this.#door.datasets()
      if (!this.recipe) this.choose(this.ready.default)
    } catch (error) {
      this.problem = reason(error)
    }
  }

  /** Takes a whole recipe, as a dataset has it. */
  choose(recipe: Recipe): void {
    this.recipe = recipe
    void this.look()
  }

  set(change: Partial<Recipe>): void {
    if (!this.recipe) return
    this.recipe = { ...this.recipe, ...change }
    clearTimeout(this.#settle)
    this.#settle = setTimeout(() => void this.look(), SETTLE_MS)
  }

  /** Puts a locale in with this weight, or takes it out with 0. */
  weigh(locale: Locale, weight: number): void {
    const others = this.recipe?.locales.filter((share) => share.locale !== locale) ?? []
    const order = this.recipe?.locales.map((share) => share.locale) ?? []
    const locales = weight > 0 ? [...others, { locale, weight }] : others
    if (locales.length === 0) return
    locales.sort((one, other) => place(order, one.locale) - place(order, other.locale))
    this.set({ locales })
  }

  async look(): Promise<void> {
    if (!this.recipe) return
    this.#asked?.abort()
    const asked = new AbortController()
    this.#asked = asked
    try {
      const preview = await this.#door.preview(this.recipe, asked.signal)
      if (this.#asked !== asked) return
      this.preview = preview
      this.problem = ''
    } catch (error) {
      if (this.#asked === asked && !asked.signal.aborted) this.problem = reason(error)
    }
  }

  /** The name of the dataset that the recipe is, if it is one. */
  get dataset(): string | undefined {
    const now = JSON.stringify(this.recipe)
    return this.ready?.items.find(({ recipe }) => JSON.stringify(recipe) === now)?.name
  }

  /** Makes it all; the job as it ended. */
  async run(tenant: string, replace: boolean): Promise<Job | undefined> {
    if (!this.recipe || this.running) return undefined
    this.running = true
    this.problem = ''
    this.job = undefined
    try {
      const { id } = await this.#door.start(tenant, this.recipe, replace)
      this.job = await this.#door.job(id)
      while (this.job.state === 'running') {
        await this.#pause(POLL_MS)
        this.job = await this.#door.job(id)
      }
      if (this.job.problem) this.problem = this.job.problem
      return this.job
    } catch (error) {
      this.problem = reason(error)
      return undefined
    } finally {
      this.running = false
    }
  }

  async cancel(): Promise<void> {
    if (this.job && this.running) await this.#door.cancel(this.job.id)
  }

  stop(): void {
    clearTimeout(this.#settle)
    this.#asked?.abort()
  }
}

const LOCALES: Locale[] = ['en', 'de', 'fr', 'es', 'pl', 'ja', 'zh', 'ar']

function place(order: Locale[], locale: Locale): number {
  const at = order.indexOf(locale)
  return at >= 0 ? at : order.length + LOCALES.indexOf(locale)
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
