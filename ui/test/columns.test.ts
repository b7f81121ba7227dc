import { describe, expect, it } from 'vitest'
import { Columns, DEFAULT, known } from '$lib/live/columns.svelte'

function world(kept: string[] = []) {
  const put: string[][] = []
  const columns = new Columns({
    columns: async () => ({ columns: kept }),
    setColumns: async (chosen: string[]) => {
      put.push(chosen)
      return { columns: chosen }
    },
  })
  return { columns, put }
}

describe('the columns of the list', () => {
  it('are those that were kept, in their order, as far as they are known', async () => {
    const { columns } = world(['status', 'weather', 'what', 'number'])
    await columns.load()
    expect(columns.chosen).toEqual(['status', 'what', 'number'])
    expect(known([])).toBe(DEFAULT)
    expect(known(['time'])).toEqual(['what', 'time'])
  })

  it('are shown at their usual place, hidden, moved and kept', async () => {
    const { columns, put } = world()
    await columns.toggle('client')
    expect(columns.chosen.at(-1)).toBe('client')
    await columns.toggle('number')
    expect(columns.chosen[0]).toBe('number')
    await columns.move('number', -1)
    await columns.move('number', 1)
    expect(columns.chosen.slice(0, 2)).toEqual(['time', 'number'])
    await columns.toggle('what')
    expect(columns.chosen).toContain('what')
    await columns.reset()
    expect([columns.chosen, put.at(-1)]).toEqual([DEFAULT, []])
  })

  it('stay chosen when they cannot be kept, and that is said', async () => {
    const columns = new Columns({
      columns: async () => ({ columns: [] }),
      setColumns: async () => {
        throw new Error('the disk is full')
      },
    })
    await columns.toggle('tags')
    expect([columns.chosen.includes('tags'), columns.problem]).toEqual([true, 'the disk is full'])
  })
})
