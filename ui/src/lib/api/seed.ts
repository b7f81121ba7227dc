// The calls of the control API that make directories up, keep states of them and compare these.

import { client, data, type Body } from './api'
import type { components } from './schema'

type Schemas = components['schemas']

export type Recipe = Schemas['SeedRecipe']
export type Share = Schemas['SeedShare']
export type Locale = Schemas['SeedLocale']
export type Organization = Schemas['SeedOrganization']
export type Dataset = Schemas['DatasetInfo']
export type DatasetList = Schemas['DatasetList']
export type SeedPreview = Schemas['SeedPreview']
export type Snapshot = Schemas['SnapshotInfo']
export type SnapshotList = Schemas['SnapshotList']
export type Differences = Schemas['Differences']
export type ResourceCount = Schemas['ResourceCount']
export type Job = Schemas['Job']
export type ResourceFile = Schemas['ResourceFile']
export type FileReading = Schemas['FileReading']
export type FileProblem = Schemas['FileProblem']

const SNAPSHOTS = '/api/v1/tenants/{name}/snapshots'
const SNAPSHOT = '/api/v1/tenants/{name}/snapshots/{snapshot}'

export const seeding = {
  datasets: () => data(client.GET('/api/v1/datasets')),
  preview: (recipe: Recipe, signal?: AbortSignal) =>
    data(client.POST('/api/v1/seed/preview', { body: recipe, ...(signal ? { signal } : {}) })),
  start: (tenant: string, recipe: Recipe, replace: boolean) =>
    data(client.POST('/api/v1/jobs', { body: { kind: 'seed', tenant, recipe, replace } })),
  job: (id: number) => data(client.GET('/api/v1/jobs/{id}', { params: { path: { id } } })),
  cancel: (id: number) => data(client.DELETE('/api/v1/jobs/{id}', { params: { path: { id } } })),
  snapshots: (tenant: string) => data(client.GET(SNAPSHOTS, { params: { path: { name: tenant } } })),
  take: (tenant: string, name?: string, replace = false) =>
    data(
      client.POST(SNAPSHOTS, {
        params: { path: { name: tenant } },
        body: { replace, name: name ?? null },
      }),
    ),
  change: (tenant: string, snapshot: string, body: { name?: string; chosen?: boolean }) =>
    data(
      client.PATCH(SNAPSHOT, {
        params: { path: { name: tenant, snapshot } },
        body: { name: body.name ?? null, chosen: body.chosen ?? false },
      }),
    ),
  forget: (tenant: string, snapshot: string) =>
    data(client.DELETE(SNAPSHOT, { params: { path: { name: tenant, snapshot } } })),
  restore: (tenant: string, snapshot: string, dry_run: boolean) =>
    data(client.POST(`${SNAPSHOT}/restore`, { params: { path: { name: tenant, snapshot }, query: { dry_run } } })),
  differences: (tenant: string, from: string, to: string, start_index: number, count: number) =>
    data(
      client.GET('/api/v1/tenants/{name}/differences', {
        params: { path: { name: tenant }, query: { from, to, start_index, count } },
      }),
    ),
  /** Hands a file in, and tells what is in it. */
  handIn: (tenant: string, name: string, bytes: ArrayBuffer) =>
    data(
      client.POST('/api/v1/resource-files', {
        params: { query: { name, tenant } },
        body: '',
        bodySerializer: (): Body => new Uint8Array(bytes),
        headers: { 'content-type': 'application/octet-stream' },
      }),
    ),
  readAs: (id: number, reading: FileReading) =>
    data(client.POST('/api/v1/resource-files/{id}/preview', { params: { path: { id } }, body: reading })),
  takeOver: (file: number, reading: FileReading, replace: boolean, check: boolean) =>
    data(client.POST('/api/v1/jobs', { body: { kind: 'resources', file, reading, replace, check } })),
  /** Where the browser gets all resources of a state, a line each. */
  exportAddress: (tenant: string, at: string) =>
    `/api/v1/tenants/${encodeURIComponent(tenant)}/export?at=${encodeURIComponent(at)}`,
}

export type Seeding = typeof seeding
