/** Which dialogs stand open: what is behind one cannot be used, from the keyboard or from a menu of the desktop. */
class Dialogs {
  #open: ReadonlySet<string> = $state.raw(new Set())

  get any(): boolean {
    return this.#open.size > 0
  }

  opened(id: string): void {
    this.#open = new Set([...this.#open, id])
  }

  closed(id: string): void {
    if (this.#open.has(id)) this.#open = new Set([...this.#open].filter((other) => other !== id))
  }
}

export const dialogs = new Dialogs()
