// The screens that are here. The first one is in the page itself; the others are fetched behind it, so that going to one waits for nothing.

import type { Component } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import { screens, type Screen, type ScreenProps } from './screens'

export class Loaded {
  #here = new SvelteMap<string, Component<ScreenProps>>()
  #problems = new SvelteMap<string, string>()
  #coming = new Map<string, Promise<void>>()

  /** The screen, if it is here. */
  get(screen: Screen): Component<ScreenProps> | undefined {
    return screen.component ?? this.#here.get(screen.id)
  }

  /** Why a screen did not come. */
  problem(screen: Screen): string | undefined {
    return this.#problems.get(screen.id)
  }

  /** Fetches a screen; one that is here or on its way is not fetched twice, one that failed is tried again. */
  fetch(screen: Screen): Promise<void> {
    if (this.get(screen)) return Promise.resolve()
    const coming = this.#coming.get(screen.id) ?? this.#load(screen)
    this.#coming.set(screen.id, coming)
    return coming
  }

  /** Fetches all, one after another. */
  async fetchAll(): Promise<void> {
    for (const screen of screens) await this.fetch(screen)
  }

  async #load(screen: Screen): Promise<void> {
    try {
      const { default: component } = await screen.load()
      this.#here.set(screen.id, component)
      this.#problems.delete(screen.id)
    } catch (error) {
      this.#problems.set(screen.id, error instanceof Error ? error.message : String(error))
    }
    this.#coming.delete(screen.id)
  }
}
