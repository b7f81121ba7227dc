import { expect, test, vi } from 'vitest'
import type { DatasetList, Recipe } from '$lib/api/seed'
import { RecipeWork } from '$lib/seed/recipe.svelte'
import { Snapshots } from '$lib/seed/snapshots.svelte'

const recipe = (seed: number): Recipe => ({
  seed,
  users: 10,
  groups: 2,
  organization: 'company',
  locales: [{ locale: 'en', weight: 1 }],
  group_sizes: 'even',
  largest_group: 0,
  nested_groups_percent: 0,
  managers: true,
  reports_per_manager: 7,
  enterprise: true,
  inactive_percent: 0,
  edge_cases_percent: 0,
})
const ready: DatasetList = {
  items: [{ name: 'small', title: 'Small', description: '', recipe: recipe(2) }],
  default: recipe(1),
  version: 1,
}
const job = (state: 'running' | 'done') => ({
  id: 1,
  kind: 'seed' as const,
  title: '',
  scenario: null,
  state,
  progress: { done: 1, total: 2 },
  steps: [],
  problem: null,
  file: null,
  facts: null,
})

function door() {
  return {
    datasets: vi.fn(async () => ready),
    preview: vi.fn(async () => ({ users: [], groups: [] })),
    start: vi.fn(async () => ({ id: 1 })),
    job: vi.fn(async () => job('done')),
    cancel: vi.fn(async () => job('done')),
  }
}

test('it begins with the default recipe and knows a dataset when it sees one', async () => {
  const work = new RecipeWork(door())
  await work.load()
  expect(work.recipe?.seed).toBe(1)
  expect(work.dataset).toBeUndefined()
  work.set({ seed: 2 })
  expect(work.dataset).toBe('small')
  work.stop()
})

test('a place is weighed, and the last one cannot be taken out', async () => {
  const work = new RecipeWork(door())
  await work.load()
  work.weigh('ja', 1)
  expect(work.recipe?.locales.map(({ locale }) => locale)).toEqual(['en', 'ja'])
  work.weigh('en', 0)
  work.weigh('ja', 0)
  expect(work.recipe?.locales.map(({ locale }) => locale)).toEqual(['ja'])
  work.stop()
})

test('work is watched to its end, and what it could not do is told', async () => {
  const api = door()
  api.job.mockResolvedValueOnce(job('running'))
  const work = new RecipeWork(api, async () => undefined)
  await work.load()
  expect((await work.run('default', true))?.state).toBe('done')
  expect(api.start).toHaveBeenCalledWith('default', work.recipe, true)
  expect(api.job).toHaveBeenCalledTimes(2)
  api.start.mockRejectedValueOnce(new Error('too many'))
  await work.run('default', false)
  expect([work.problem, work.running]).toEqual(['too many', false])
})

const snapshot = (name: string, chosen: boolean, differs: number | null) => ({
  name,
  chosen,
  differs,
  revision: 1,
  taken_at: '2026-01-01T12:00:00Z',
  resources: [],
})

function snapshots(items: ReturnType<typeof snapshot>[], would: number) {
  const restored = (dry_run: boolean) => ({ revision: 2, dry_run, count: would, changes: [] })
  const api = {
    snapshots: vi.fn(async () => ({ items, revision: 1, resources: [] })),
    take: vi.fn(async () => snapshot('taken', false, 0)),
    change: vi.fn(async () => snapshot('changed', true, 0)),
    forget: vi.fn(async () => undefined),
    restore: vi.fn(async (_tenant: string, _name: string, dry_run: boolean) => restored(dry_run)),
  }
  const all = new Snapshots(api as never)
  all.tenant = 'default'
  return { all, api }
}

test('a reset asks only if a state would be lost that has no name', async () => {
  expect(await snapshots([], 1).all.reset()).toEqual({ kind: 'none' })
  expect(await snapshots([snapshot('a', true, 0)], 0).all.reset()).toEqual({ kind: 'already', name: 'a' })
  const lost = snapshots([snapshot('a', true, 3)], 3)
  expect(await lost.all.reset()).toEqual({ kind: 'ask', name: 'a' })
  expect(lost.api.restore).toHaveBeenCalledTimes(1)
  const kept = snapshots([snapshot('b', false, 0), snapshot('a', true, 3)], 3)
  expect(await kept.all.reset()).toEqual({ kind: 'done', name: 'a', count: 3 })
  expect(kept.api.restore).toHaveBeenLastCalledWith('default', 'a', false)
})
