import { describe, expect, it } from 'vitest'
import type { QueryCompletions } from '$lib/api/types'
import { Filter } from '$lib/store/filter.svelte'

/** A server that answers when it is told to. */
function slowServer() {
  const waiting: (() => void)[] = []
  const complete = (text: string) =>
    new Promise<QueryCompletions>((resolve) => {
      const wrong = text.includes('4o4')
      const diagnostic = { start: 7, end: 10, message: 'no status', left_out: true }
      const query = { sentence: text, clauses: [], diagnostics: wrong ? [diagnostic] : [] }
      waiting.push(() => resolve({ start: 0, end: 0, items: [], query } as unknown as QueryCompletions))
    })
  const answer = async () => {
    while (waiting.length > 0) {
      waiting.shift()?.()
      await Promise.resolve()
    }
  }
  return { complete, answer }
}

describe('the filter', () => {
  it('makes a chip of what was typed last, although the answer for what was typed before came last', async () => {
    const server = slowServer()
    const filter = new Filter(server)
    filter.type('status:4o4', 10)
    await server.answer()
    filter.type('status:200', 10)
    const finished = filter.finish()
    await server.answer()
    expect(await finished).toBe(true)
    expect(filter.committed).toBe('status:200')
    expect(filter.draft).toBe('')
  })

  it('makes no chip of what the server leaves out', async () => {
    const server = slowServer()
    const filter = new Filter(server)
    filter.type('status:4o4', 10)
    const finished = filter.finish()
    await server.answer()
    expect(await finished).toBe(false)
    expect(filter.draft).toBe('status:4o4')
  })
})
