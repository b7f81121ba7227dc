import { describe, expect, it } from 'vitest'
import type { Summary } from '$lib/api/types'
import type { Archive, Start } from '$lib/file/archive'
import { complete, understand } from '$lib/file/query'
import { transportOf } from '$lib/file/server'

function row(seq: number, more: Partial<Summary> = {}): Summary {
  return {
    seq,
    pos: seq * 4,
    at: '2026-01-01T12:00:00Z',
    method: 'GET',
    target: `/scim/v2/Users/${seq}`,
    status: 200,
    elapsed_us: 1500,
    closed: true,
    verdict: 'ok',
    sentence: 'Entra looked for a user',
    dialect: 'entra',
    probe: false,
    findings: 0,
    tolerances: [],
    changes: 0,
    tenant: 'default',
    flow: 1,
    pinned: false,
    tags: [],
    has_note: false,
    ...more,
  } as Summary
}

const ROWS = [
  row(1),
  row(2, { method: 'PATCH', verdict: 'tolerated', status: 204, sentence: 'Entra disabled Ada Lovelace', flow: 2 }),
  row(3, {
    method: 'POST',
    verdict: 'refused',
    status: 409,
    dialect: 'okta',
    tags: ['Demo'],
    flow: 3,
    elapsed_us: 200_000,
  }),
  row(4, { probe: true, pinned: true, flow: 4 }),
]
const CODES = { '2': ['T2', 'T3'], '3': ['uniqueness'] }

function found(query: string): number[] {
  const { test } = understand(query)
  return ROWS.filter((one) => test(one, CODES[String(one.seq) as '2'] ?? [])).map(({ seq }) => seq)
}

describe('the query language in a file', () => {
  it.each([
    ['', [1, 2, 3, 4]],
    ['method:patch', [2]],
    ['-method:get', [2, 3]],
    ['status:4xx', [3]],
    ['status:>=400', [3]],
    ['status:200..204', [1, 2, 4]],
    ['status:204,409', [2, 3]],
    ['verdict:refused or verdict:tolerated', [2, 3]],
    ['finding:t3', [2]],
    ['finding:none', [1, 4]],
    ['probe:no', [1, 2, 3]],
    ['not probe', [1, 2, 3]],
    ['pinned', [4]],
    ['tag:demo', [3]],
    ['took:>100ms', [3]],
    ['seq:2..3 dialect:entra', [2]],
    ['"ada lovelace"', [2]],
    ['flow:3', [3]],
    ['target:/users/4', [4]],
  ])('%s', (query, expected) => expect(found(query)).toEqual(expected))

  it('says what cannot be asked and leaves it out', () => {
    const { info } = understand('method:get body:x took:soon (status:200)')
    expect(info.diagnostics.map(({ start, left_out }) => [start, left_out])).toEqual([
      [11, true],
      [18, true],
      [28, true],
    ])
    expect(found('method:get body:x')).toEqual([1, 4])
  })

  it('offers fields', () => {
    expect(complete('st', 2).items.map(({ text }) => text)).toEqual(['status:'])
    expect(complete('method:get ', 11).items).toEqual([])
  })
})

describe('calls in a file', () => {
  const start = {
    items: ROWS,
    codes: CODES,
    flows: [4, 3, 2, 1].map((id) => ({ id })),
    findings: [
      {
        items: [
          { code: 'T2', severity: 'tolerated' },
          { code: 'uniqueness', severity: 'error' },
        ],
      },
    ],
  } as unknown as Start
  const archive = {
    start,
    answer: (path: string) => Promise.resolve(path === '/api/v1/exchanges/2' ? '{"summary":{"seq":2}}' : undefined),
  } as unknown as Archive
  const call = async (path: string, method = 'GET') => {
    const answer = await transportOf(archive).call?.(new Request(`file:///home/me/x/api/v1${path}`, { method }))
    if (!answer) throw new Error('it takes no calls')
    return answer
  }
  const json = async (path: string) =>
    (await (await call(path)).json()) as Record<string, unknown> & {
      items: { seq: number; id: number; code: string; exchanges: number }[]
    }

  it('are answered from what is in it', async () => {
    expect((await json('/exchanges?after=1&limit=2')).items.map(({ seq }) => seq)).toEqual([2, 3])
    const newest = await json('/exchanges?newest=true&limit=2&q=probe%3Ano')
    expect(newest.items.map(({ seq }) => seq)).toEqual([2, 3])
    expect(newest['next']).toBe(2)
    expect((await json('/exchanges?newest=true&before=2&limit=2&q=probe%3Ano')).items.map(({ seq }) => seq)).toEqual([
      1,
    ])
    expect((await json('/flows?limit=2')).items.map(({ id }) => id)).toEqual([4, 3])
    expect((await json('/flows?q=method%3Apatch')).items.map(({ id }) => id)).toEqual([2])
    expect((await json('/findings?q=method%3Apatch')).items.map(({ code, exchanges }) => [code, exchanges])).toEqual([
      ['T2', 1],
    ])
    expect(await json('/exchanges/2')).toEqual({ summary: { seq: 2 } })
  })

  it('that would change something are refused', async () => {
    expect((await call('/marks', 'POST')).status).toBe(405)
    expect((await call('/exchanges/99')).status).toBe(404)
  })

  it('tell what each clause hides', async () => {
    const page = await json('/exchanges?newest=true&limit=10&counts=true&q=probe%3Ano%20method%3Aget')
    const hidden = (page['query'] as { hidden: { clause: string; count: number; alone: number }[] }).hidden
    expect(hidden.map(({ clause, count, alone }) => [clause, count, alone])).toEqual([
      ['probe:no', 1, 1],
      ['method:get', 2, 2],
    ])
  })
})
