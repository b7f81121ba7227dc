// Files that are dropped on the page where no part of a screen takes them.

import { strings } from '$lib/strings'

/** A file that was dropped. */
export interface Dropped {
  name: string
  /** Where it is, which only the desktop knows. */
  path?: string
  /** What is in it, in a browser. */
  file?: File
}

/** Something that opens files. */
export interface Opener {
  /** What it opens, as part of a sentence: "workspace files (.scimscope)". */
  what: string
  fits: (file: Dropped) => boolean
  open: (file: Dropped) => void
}

export class Drops {
  /** Whether files are held over the page. */
  over = $state(false)
  /** Why what was dropped last was not opened. */
  problem = $state('')

  #openers = new Set<Opener>()

  /** Opens files of a kind until the result is called. */
  register(opener: Opener): () => void {
    this.#openers.add(opener)
    return () => this.#openers.delete(opener)
  }

  /** Opens what was dropped, or says why not. */
  take(files: Dropped[]): void {
    this.over = false
    const [file] = files
    if (!file) return
    const opener = [...this.#openers].find((one) => one.fits(file))
    this.problem = opener
      ? ''
      : strings.drop.unknown(
          file.name,
          [...this.#openers].map(({ what }) => what),
        )
    if (opener && files.length > 1) this.problem = strings.drop.onlyOne(file.name)
    opener?.open(file)
  }
}

export const drops = new Drops()
