// What is in the file: answers of the server, packed. The answers about the whole are read first, those about single exchanges
// and flows when somebody looks.

import type { FindingPage, FlowSummary, Summary } from '$lib/api/types'

/** What is read first. */
export interface Start {
  version: string
  /** Stands there if nothing was taken out. */
  warning: string | null
  /** The lines of the list; numbers go from 1 without gaps. */
  items: Summary[]
  /** The codes of the findings of an exchange, by its number. */
  codes: Record<string, string[]>
  /** The newest first. */
  flows: FlowSummary[]
  findings: FindingPage[]
  /** Answers by their path. */
  answers: Record<string, unknown>
  /** So many exchanges are in a block. */
  together: number
  exchangeBlocks: number
  /** The block of a flow. */
  flowBlocks: Record<string, number>
}

/** Blocks that are kept unpacked. */
const KEPT = 8

async function unpacked(base64: string): Promise<string> {
  const bytes = Uint8Array.from(atob(base64.trim()), (letter) => letter.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return await new Response(stream).text()
}

export class Archive {
  #blocks: string[]
  #kept = new Map<number, Promise<Map<string, string>>>()

  private constructor(
    readonly start: Start,
    blocks: string[],
  ) {
    this.#blocks = blocks
  }

  /** Unpacks what is read first. */
  static async open(start: string, blocks: string[]): Promise<Archive> {
    return new Archive(JSON.parse(await unpacked(start)) as Start, blocks)
  }

  /** The answer for a path, as text; nothing if there is none. */
  async answer(path: string): Promise<string | undefined> {
    const always = this.start.answers[path]
    if (always !== undefined) return JSON.stringify(always)
    const [, kind, id] = /^\/api\/v1\/(exchanges|flows)\/(\d+)/.exec(path) ?? []
    if (id === undefined) return undefined
    const block = kind === 'flows' ? this.start.flowBlocks[id] : Math.floor((Number(id) - 1) / this.start.together)
    if (block === undefined || (kind === 'exchanges' && block >= this.start.exchangeBlocks)) return undefined
    return (await this.#block(block)).get(path)
  }

  #block(index: number): Promise<Map<string, string>> {
    const kept = this.#kept.get(index) ?? this.#read(index)
    this.#kept.delete(index)
    this.#kept.set(index, kept)
    const oldest = this.#kept.keys().next().value
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest)
    return kept
  }

  async #read(index: number): Promise<Map<string, string>> {
    const lines = (await unpacked(this.#blocks[index] ?? '')).split('\n')
    return new Map(
      lines.filter(Boolean).map((line) => {
        const tab = line.indexOf('\t')
        return [line.slice(0, tab), line.slice(tab + 1)]
      }),
    )
  }
}
