export type Theme = 'system' | 'light' | 'dark'

const KEY = 'scimscope.theme'

/** Light, dark or as the system has it; remembered in this browser. */
class Themes {
  chosen: Theme = $state('system')
  #system: MediaQueryList | undefined

  /** Applies the remembered choice; to be called once, before anything is drawn. */
  start(): void {
    const stored = localStorage.getItem(KEY)
    if (stored === 'light' || stored === 'dark') this.chosen = stored
    this.#system = window.matchMedia('(prefers-color-scheme: dark)')
    this.#system.addEventListener('change', () => this.#apply())
    this.#apply()
  }

  choose(theme: Theme): void {
    this.chosen = theme
    if (theme === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, theme)
    this.#apply()
  }

  #apply(): void {
    const dark = this.chosen === 'dark' || (this.chosen === 'system' && (this.#system?.matches ?? false))
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light'
  }
}

export const themes = new Themes()
