import { describe, expect, it } from 'vitest'
import type { Change, Line } from '$lib/api/types'
import { apart } from '$lib/detail/lists'

const line = (at: number, action: Line['action'] = 'added'): Line => ({
  path: `members[value eq "${at}"]`,
  action,
  ...(action === 'added' ? { after: { value: String(at) } } : { before: { value: String(at) } }),
})

const change = (kind: Change['kind'], before: number, after: number, more_lines?: number): Change => ({
  resource_type: 'Group',
  resource_id: '1',
  display: 'Everybody',
  kind,
  revision: 1,
  left_out: [{ attribute: 'members', before, after }],
  lines: [],
  ...(more_lines ? { more_lines } : {}),
})

describe('a large list in a diff', () => {
  const lines = Array.from({ length: 12 }, (_, at) => line(at))

  it('is counted by its lines when all of them are here', () => {
    const [list] = apart([...lines, line(99, 'removed')], change('modified', 5_000, 5_011)).lists
    expect(list).toMatchObject({ added: 12, removed: 1, total: 5_011, atLeast: false })
  })

  it('came or went whole with its resource, however few lines are here', () => {
    expect(apart(lines, change('created', 0, 4_213, 4_201)).lists[0]).toMatchObject({ added: 4_213, removed: 0 })
    const gone = lines.map((_, at) => line(at, 'removed'))
    expect(apart(gone, change('deleted', 4_213, 0, 4_201)).lists[0]).toMatchObject({ added: 0, removed: 4_213 })
  })

  it('says that there may be more when the lines of a change do not end here', () => {
    expect(apart(lines, change('modified', 10, 4_213, 900)).lists[0]).toMatchObject({ added: 12, atLeast: true })
  })
})
