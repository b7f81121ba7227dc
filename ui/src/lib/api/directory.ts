// The calls of the control API that read and change directories.

import { client, data } from './api'
import type { components } from './schema'

type Schemas = components['schemas']

export type Attribute = Schemas['AttributeInfo']
export type ResourceType = Schemas['TypeInfo']
export type Resource = Schemas['ResourceInfo']
export type ResourceDetail = Schemas['ResourceDetail']
export type ResourcePage = Schemas['ResourcePage']
export type Reference = Schemas['ReferenceInfo']
export type ReferencePage = Schemas['ReferencePage']
export type Version = Schemas['VersionInfo']
export type VersionPage = Schemas['VersionPage']
export type Comparison = Schemas['Comparison']
export type Restored = Schemas['Restored']
export type Preview = Schemas['Preview']
export type Answered = Schemas['Answered']
export type Explained = Schemas['FilterExplained']
export type Completion = Schemas['FilterCompletion']
export type FilterInfo = Schemas['FilterInfo']
export type Plan = Schemas['PlanInfo']
export type Span = Schemas['TextSpan']
export type Tenant = Schemas['TenantInfo']

/** A resource: tenant, type and id. */
export interface Place {
  tenant: string
  type: string
  id: string
}

export interface Wanted {
  filter?: string
  sort_by?: string
  sort_order?: 'ascending' | 'descending'
  start_index?: number
  count?: number
  at?: string
}

const TYPE = '/api/v1/tenants/{name}/resources/{resource_type}'
const ONE = '/api/v1/tenants/{name}/resources/{resource_type}/{id}'

function path({ tenant, type, id }: Place) {
  return { name: tenant, resource_type: type, id }
}

export const directory = {
  tenants: async () => (await data(client.GET('/api/v1/tenants'))).items,
  types: (tenant: string, at?: string) =>
    data(client.GET('/api/v1/tenants/{name}/types', { params: { path: { name: tenant }, query: { at } } })),
  list: (tenant: string, type: string, wanted: Wanted, signal?: AbortSignal) =>
    data(client.GET(TYPE, { params: { path: { name: tenant, resource_type: type }, query: wanted }, signal })),
  get: (place: Place, at?: string) => data(client.GET(ONE, { params: { path: path(place), query: { at } } })),
  references: (
    place: Place,
    query: { direction: 'to' | 'from'; q?: string; start_index?: number; count?: number; at?: string },
    signal?: AbortSignal,
  ) => data(client.GET(`${ONE}/references`, { params: { path: path(place), query }, signal })),
  /** The number of the nearest exchange that changed a resource. */
  changing: async (range: { before?: number; after?: number; newest?: boolean }): Promise<number | undefined> => {
    const query = { ...range, q: 'method:post,put,patch,delete status:2xx', limit: 50 }
    const { items } = await data(client.GET('/api/v1/exchanges', { params: { query } }))
    const changing = items.filter((item) => item.changes > 0)
    return (range.newest ? changing.at(-1) : changing[0])?.seq
  },
  explain: (tenant: string, type: string, filter: string, cursor: number, signal?: AbortSignal) =>
    data(
      client.GET('/api/v1/tenants/{name}/filter/explain', {
        params: { path: { name: tenant }, query: { type, filter, cursor } },
        signal,
      }),
    ),
  history: (place: Place, before: number | undefined, count: number) =>
    data(client.GET(`${ONE}/history`, { params: { path: path(place), query: { before, count } } })),
  /** Two states of a resource: revisions, `seq:12`, or nothing for the present. */
  compare: ({ tenant, type, id }: Place, from: string, to: string) =>
    data(
      client.GET('/api/v1/tenants/{name}/compare', {
        params: { path: { name: tenant }, query: { type, id, from, to } },
      }),
    ),
  /** Brings a resource back to a state; a dry run only tells what that would change. */
  restore: (place: Place, to: string, dry_run: boolean) =>
    data(client.POST(`${ONE}/restore`, { params: { path: path(place), query: { dry_run } }, body: { to } })),
  restoreAll: (tenant: string, to: string, dry_run: boolean) =>
    data(
      client.POST('/api/v1/tenants/{name}/restore', {
        params: { path: { name: tenant }, query: { dry_run } },
        body: { to },
      }),
    ),
  undoExchange: (seq: number, dry_run: boolean) =>
    data(client.POST('/api/v1/exchanges/{seq}/undo', { params: { path: { seq }, query: { dry_run } } })),
  undoRevision: (tenant: string, revision: number, dry_run: boolean) =>
    data(
      client.POST('/api/v1/tenants/{name}/revisions/{revision}/undo', {
        params: { path: { name: tenant, revision }, query: { dry_run } },
      }),
    ),
  /** The PATCH that makes a document of a resource. */
  preview: (place: Place, document: unknown) =>
    data(client.POST(`${ONE}/preview`, { params: { path: path(place) }, body: { document } })),
  /** Sends a request of our own to a tenant. */
  send: (tenant: string, method: string, target: string, headers: [string, string][], body: unknown) =>
    data(
      client.POST('/api/v1/tenants/{name}/send', {
        params: { path: { name: tenant } },
        body: { method, path: target, headers, body },
      }),
    ),
}

export type DirectoryApi = typeof directory
