import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Run } from '$lib/api/replays'
import { Draft } from '$lib/replay/draft.svelte'
import { Runs } from '$lib/replay/runs.svelte'

beforeEach(() => localStorage.clear())

describe('what is going to be replayed', () => {
  it('remembers the target, and no credentials', () => {
    const draft = new Draft()
    draft.place = { kind: 'url', tenant: 'default', url: 'https://app.example.com/scim/v2' }
    draft.credentials = { kind: 'bearer', token: 'a-secret' }
    draft.remember()
    expect(JSON.stringify(localStorage)).not.toContain('a-secret')
    expect(new Draft().place.url).toBe('https://app.example.com/scim/v2')
    expect(draft.replay.target).toMatchObject({ credentials: { kind: 'bearer', token: 'a-secret' } })
  })

  it('forgets changes of steps when something else is chosen', () => {
    const draft = new Draft()
    draft.bind(1, 'path', 'x', { change: 'keep', step: 1, place: 'path', value: 'x' })
    draft.bind(1, 'path', 'x', { change: 'set', step: 1, place: 'path', value: 'x', with: 'y' })
    expect(draft.bindings).toHaveLength(1)
    draft.edit(0, { step: 0, method: 'GET', path: '/Users', headers: [], body: '' })
    draft.open({ kind: 'flow', flow: 3 })
    expect([draft.bindings, draft.edits]).toEqual([[], []])
  })
})

describe('runs', () => {
  it('are asked for again until they are over', async () => {
    vi.useFakeTimers()
    const run = (state: Run['state']) => ({ id: 1, state }) as Run
    const list = vi
      .fn()
      .mockResolvedValueOnce([run('running')])
      .mockResolvedValue([run('complete')])
    const runs = new Runs({ list })
    await runs.load()
    await vi.advanceTimersByTimeAsync(600)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(list).toHaveBeenCalledTimes(2)
    expect(runs.items[0]?.state).toBe('complete')
    vi.useRealTimers()
  })
})
