export type Theme = 'system' | 'light' | 'dark' | 'contrast'
export type Motion = 'system' | 'reduced'

export const THEMES: Theme[] = ['system', 'light', 'dark', 'contrast']

const KEY = 'scimscope.theme'
const MOTION_KEY = 'scimscope.motion'

/** Light, dark, with high contrast or as the system has it, and how much may move; remembered in this browser. */
class Themes {
  chosen: Theme = $state('system')
  motion: Motion = $state('system')
  #dark: MediaQueryList | undefined
  #contrast: MediaQueryList | undefined

  /** Applies the remembered choice; to be called once, before anything is drawn. */
  start(): void {
    const stored = localStorage.getItem(KEY)
    this.chosen = THEMES.find((theme) => theme === stored) ?? 'system'
    if (localStorage.getItem(MOTION_KEY) === 'reduced') this.motion = 'reduced'
    this.#dark = window.matchMedia('(prefers-color-scheme: dark)')
    this.#contrast = window.matchMedia('(prefers-contrast: more)')
    for (const query of [this.#dark, this.#contrast]) query.addEventListener('change', () => this.#apply())
    this.#apply()
  }

  choose(theme: Theme): void {
    this.chosen = theme
    if (theme === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, theme)
    this.#apply()
  }

  move(motion: Motion): void {
    this.motion = motion
    if (motion === 'system') localStorage.removeItem(MOTION_KEY)
    else localStorage.setItem(MOTION_KEY, motion)
    this.#apply()
  }

  #apply(): void {
    const follows = this.chosen === 'system' || this.chosen === 'contrast'
    const dark = this.chosen === 'dark' || (follows && (this.#dark?.matches ?? false))
    const more = this.chosen === 'contrast' || (this.#contrast?.matches ?? false)
    const { dataset } = document.documentElement
    dataset['theme'] = dark ? 'dark' : 'light'
    dataset['contrast'] = more ? 'more' : 'normal'
    dataset['motion'] = this.motion
  }
}

export const themes = new Themes()
