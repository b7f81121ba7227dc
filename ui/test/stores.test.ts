import { describe, expect, it } from 'vitest'
import { stretches } from '$lib/detail/timing'
import { Detail } from '$lib/store/detail.svelte'
import { Sample } from '$lib/store/sample.svelte'
import { takeToken } from '$lib/store/session.svelte'
import { sample } from '../dev/sample'

describe('the token in the address', () => {
  function visit(href: string) {
    const url = new URL(href)
    let shown = href
    const history = { state: null, replaceState: (_state: unknown, _title: string, to: string) => (shown = to) }
    const token = takeToken(url as unknown as Location, history as unknown as History)
    return { token, shown }
  }

  it('is taken and removed', () => {
    expect(visit('http://127.0.0.1:8788/?a=1#token=s3cret%2B')).toEqual({ token: 's3cret+', shown: '/?a=1' })
  })

  it('is not looked for elsewhere', () => {
    expect(visit('http://127.0.0.1:8788/?token=x').token).toBeUndefined()
    expect(visit('http://127.0.0.1:8788/#other').shown).toBe('http://127.0.0.1:8788/#other')
  })
})

describe('the open exchange', () => {
  it('is fetched once, and again when it has grown', async () => {
    const asked: number[] = []
    let pos = 4
    const detail = new Detail({
      exchange: async (seq) => {
        asked.push(seq)
        const exchange = sample(seq)
        return { ...exchange, summary: { ...exchange.summary, pos } }
      },
    })
    await detail.show(1, 4)
    await detail.show(2, 4)
    await detail.show(1, 4)
    expect(asked).toEqual([1, 2])
    expect(detail.exchange?.summary.seq).toBe(1)
    pos = 9
    await detail.show(1, 9)
    expect(asked).toEqual([1, 2, 1])
  })

  it('is the one asked for last, whichever answers first', async () => {
    const waiting = new Map<number, () => void>()
    const detail = new Detail({
      exchange: (seq) => new Promise((resolve) => waiting.set(seq, () => resolve(sample(seq)))),
    })
    const first = detail.show(1)
    const second = detail.show(2)
    waiting.get(2)?.()
    await second
    waiting.get(1)?.()
    await first
    expect(detail.exchange?.summary.seq).toBe(2)
    expect(detail.loading).toBe(false)
  })

  it('says why it cannot be shown', async () => {
    const detail = new Detail({
      exchange: async () => {
        throw new Error('gone')
      },
    })
    await detail.show(3)
    expect(detail.problem).toContain('gone')
    expect(detail.exchange).toBeUndefined()
  })
})

describe('the sample flow', () => {
  const summaries = (from: number) => Array.from({ length: 9 }, (_, index) => sample(from + index + 1).summary)
  const job = {
    id: 7,
    kind: 'play' as const,
    title: 'Sample',
    scenario: 'entra-sample',
    progress: { done: 0, total: 9 },
    steps: [],
  }

  it('ends at the exchange that disabled somebody with a string', async () => {
    let polls = 0
    const marked: unknown[] = []
    const played = new Sample(
      {
        play: async () => ({ id: 7 }),
        job: async () => ({ ...job, state: ++polls < 3 ? 'running' : 'done' }),
        exchanges: async (after) => ({ items: summaries(after), head: 9 }),
        mark: async (change) => {
          marked.push(change)
          return { items: [] }
        },
      },
      async () => undefined,
    )
    expect(await played.play(0)).toBe(5)
    expect(marked).toEqual([{ seqs: summaries(0).map(({ seq }) => seq), add_tags: ['sample'] }])
    expect(polls).toBe(3)
    expect(played.playing).toBe(false)
  })

  it('says why it could not be played', async () => {
    const played = new Sample({
      play: async () => {
        throw new Error('too many jobs')
      },
      job: async () => ({ ...job, state: 'done' }),
      exchanges: async () => ({ items: [], head: 0 }),
      mark: async () => ({ items: [] }),
    })
    expect(await played.play(0)).toBeUndefined()
    expect(played.problem).toBe('too many jobs')
  })
})

describe('times', () => {
  it('are cut into what came after what', () => {
    const cut = stretches({
      head_read_us: 200,
      body_read_us: 200,
      handled_us: 900,
      first_byte_us: 950,
      last_byte_us: 1000,
    })
    expect(cut.map(({ part, from_us, to_us }) => [part, from_us, to_us])).toEqual([
      ['head', 0, 200],
      ['handling', 200, 900],
      ['waiting', 900, 950],
      ['sending', 950, 1000],
    ])
  })

  it('leave out what was not measured', () => {
    expect(stretches({}).length).toBe(0)
    expect(stretches({ handled_us: 5 }).map(({ part }) => part)).toEqual(['handling'])
  })
})
