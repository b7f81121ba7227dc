import { describe, expect, it } from 'vitest'
import type { Batch, Removal, Summary } from '$lib/api/types'
import { Removals } from '$lib/store/removals.svelte'
import { sample } from '../dev/sample'

function row(seq: number, more: Partial<Summary> = {}): Summary {
  return { ...sample(1).summary, seq, ...more }
}

function batch(what: string, detail = ''): Batch {
  return { workspace: 'a-workspace', pos: 1, head: 9, items: [], states: [{ what, detail }] }
}

function world() {
  let id = 0
  const undone: number[] = []
  const removals = new Removals({
    remove: async (what: { seqs?: number[]; tag?: string }) => {
      id++
      const through = what.seqs ? null : 9
      const due_at = new Date(1_000 * id).toISOString()
      return { id, seqs: what.seqs ?? [], tag: what.tag ?? null, through, due_at } as Removal
    },
    undoRemoval: async (number: number) => void undone.push(number),
    removals: async () => ({ items: [] }),
  } as ConstructorParameters<typeof Removals>[0])
  return { removals, undone }
}

describe('removals', () => {
  it('hide at once what goes: by number whatever is pinned, else what is not pinned', async () => {
    const { removals } = world()
    await removals.remove({ seqs: [3] })
    expect([row(3, { pinned: true }), row(4)].map((it) => removals.hides(it))).toEqual([true, false])
    await removals.remove({ tag: 'sample' })
    expect([row(5, { tags: ['Sample'] }), row(6)].map((it) => removals.hides(it))).toEqual([true, false])
    await removals.remove('all')
    const rows = [row(6), row(7, { pinned: true }), row(8, { verdict: 'pending' }), row(10)]
    expect(rows.map((it) => removals.hides(it))).toEqual([true, false, false, false])
  })

  it('are undone newest first', async () => {
    const { removals, undone } = world()
    await removals.remove({ seqs: [1] })
    await removals.remove({ seqs: [2] })
    expect(await removals.undo()).toBe(true)
    expect(undone).toEqual([2])
    expect([row(1), row(2)].map((it) => removals.hides(it))).toEqual([true, false])
  })

  it('are over when the server says so, and what failed is there again', async () => {
    const { removals } = world()
    const gone: boolean[] = []
    removals.onGone((hides) => gone.push(hides(row(1)), hides(row(2))))
    await removals.remove({ seqs: [1] })
    await removals.remove({ seqs: [2] })
    removals.arrived(batch('removed'))
    expect(gone).toEqual([true, false])
    expect(removals.newest?.id).toBe(2)
    removals.arrived(batch('removal-failed', 'no room'))
    expect(removals.newest).toBeUndefined()
    expect(removals.problem).toBe('no room')
  })
})
