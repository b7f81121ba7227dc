// The one door to the control API. The same relative addresses work in the browser and in the desktop window.

import createClient from 'openapi-fetch'
import { strings } from '$lib/strings'
import { answering } from '$lib/transport'
import type { paths } from './schema'
import type { CredentialChange, Durability, NewCredential, NewUpstream, Switches, TenantChange } from './types'
import type { Exchange, FoundPage, MarksChange, Page } from './types'

/** What a request may carry. A Blob, File or FormData would end the WebKitGTK process of the desktop window. */
export type Body = string | Uint8Array<ArrayBuffer>

/** The server answered with an error, or not at all (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
    this.name = 'ApiError'
  }
}

/** Typed by the server's own description; the calls of a screen that has many are in a file of their own beside this one. */
export const client = createClient<paths>({
  // Resolved when called, so that tests can put their own server there.
  fetch: (request) => answering()?.(request) ?? fetch(request),
  bodySerializer: (body): Body => JSON.stringify(body),
  credentials: 'same-origin',
})

type Answer<T> = Promise<{ data?: T; error?: unknown; response: Response }>

/** What a call answered, or an `ApiError`. */
export async function data<T>(answer: Answer<T>): Promise<T> {
  let got: Awaited<Answer<T>>
  try {
    got = await answer
  } catch {
    throw new ApiError(0, strings.errors.network)
  }
  if (!got.response.ok)
    throw new ApiError(got.response.status, reason(got.error) ?? strings.errors.http(got.response.status))
  return got.data as T
}

function reason(body: unknown): string | undefined {
  const error = (body as { error?: { message?: unknown } } | undefined)?.error
  return typeof error?.message === 'string' ? error.message : undefined
}

/** Which part of the record to look at, and for how many. */
export interface Range {
  after?: number | undefined
  before?: number | undefined
  limit?: number
  newest?: boolean
  counts?: boolean
}

export const api = {
  openSession: (token: string) => data(client.POST('/api/v1/session', { body: { token } })),
  status: () => data(client.GET('/api/v1/status')),
  connection: () => data(client.GET('/api/v1/connection')),
  exchanges: (after: number, limit: number): Promise<Page> =>
    data(client.GET('/api/v1/exchanges', { params: { query: { after, limit } } })),
  search: (q: string, range: Range, signal?: AbortSignal): Promise<FoundPage> => {
    const query = q === '' ? range : { ...range, q }
    return data(client.GET('/api/v1/exchanges', { params: { query }, ...(signal ? { signal } : {}) }))
  },
  complete: (q: string, cursor: number) =>
    data(client.GET('/api/v1/query/complete', { params: { query: { q, cursor } } })),
  views: () => data(client.GET('/api/v1/views')),
  putView: (id: string, view: { name: string; query: string }) =>
    data(client.PUT('/api/v1/views/{id}', { params: { path: { id } }, body: view })),
  deleteView: (id: string) => data(client.DELETE('/api/v1/views/{id}', { params: { path: { id } } })),
  mark: (change: MarksChange) => data(client.POST('/api/v1/marks', { body: change })),
  remove: (what: { seqs?: number[]; tag?: string }) => data(client.POST('/api/v1/removals', { body: what })),
  removals: () => data(client.GET('/api/v1/removals')),
  undoRemoval: (id: number) => data(client.DELETE('/api/v1/removals/{id}', { params: { path: { id } } })),
  columns: () => data(client.GET('/api/v1/list-columns')),
  setColumns: (columns: string[]) => data(client.PUT('/api/v1/list-columns', { body: { columns } })),
  tunnelPrograms: () => data(client.GET('/api/v1/tunnel-programs')),
  flows: (query: { q?: string | undefined; before?: number | undefined; limit?: number }) =>
    data(client.GET('/api/v1/flows', { params: { query } })),
  flow: (id: number) => data(client.GET('/api/v1/flows/{id}', { params: { path: { id } } })),
  changeFlow: (id: number, change: { name?: string; locked?: boolean }) =>
    data(client.PATCH('/api/v1/flows/{id}', { params: { path: { id } }, body: change })),
  splitFlow: (id: number, at: number) =>
    data(client.POST('/api/v1/flows/{id}/split', { params: { path: { id } }, body: { at } })),
  mergeFlows: (flows: number[]) => data(client.POST('/api/v1/flows/merge', { body: { flows } })),
  compareFlows: (left: number, right: number, leave_out: string) =>
    data(client.GET('/api/v1/compare/flows', { params: { query: { left, right, leave_out } } })),
  regroupFlow: (id: number) => data(client.POST('/api/v1/flows/{id}/regroup', { params: { path: { id } } })),
  patches: (seq: number) => data(client.GET('/api/v1/exchanges/{seq}/patches', { params: { path: { seq } } })),
  why: (seq: number) => data(client.GET('/api/v1/exchanges/{seq}/why', { params: { path: { seq } } })),
  /** Head and body as they were on the wire. */
  bytes: (seq: number, side: 'request' | 'response'): Promise<ArrayBuffer> => {
    const options = { params: { path: { seq } }, parseAs: 'arrayBuffer' as const }
    return data<unknown>(
      side === 'request'
        ? client.GET('/api/v1/exchanges/{seq}/request', options)
        : client.GET('/api/v1/exchanges/{seq}/response', options),
    ) as Promise<ArrayBuffer>
  },
  exchange: (seq: number) =>
    data(client.GET('/api/v1/exchanges/{seq}', { params: { path: { seq } } })) as Promise<Exchange>,
  tolerances: () => data(client.GET('/api/v1/tolerances')),
  profile: () => data(client.GET('/api/v1/profile')),
  chooseProfile: (name: string) => data(client.PUT('/api/v1/profile', { body: { name } })),
  play: (scenario: string) => data(client.POST('/api/v1/jobs', { body: { kind: 'play', scenario } })),
  findings: (q: string, before?: number) =>
    data(client.GET('/api/v1/findings', { params: { query: { ...(q ? { q } : {}), before } } })),
  newest: (q: string, limit: number): Promise<Page> =>
    data(client.GET('/api/v1/exchanges', { params: { query: { q, limit, newest: true } } })),
  selfTest: (tenant: string, url?: string) => data(client.POST('/api/v1/self-test', { body: { tenant, url } })),
  setServing: (paused: boolean) => data(client.PUT('/api/v1/serving', { body: { paused } })),
  setDiskBudget: (bytes: number) => data(client.PUT('/api/v1/disk-budget', { body: { bytes } })),
  workspace: () => data(client.GET('/api/v1/workspace')),
  changeWorkspace: (body: { durability?: Durability; disk_budget_bytes?: number }) =>
    data(client.PUT('/api/v1/workspace', { body })),
  openWorkspace: (path: string) => data(client.POST('/api/v1/workspace/open', { body: { path } })),
  newWorkspace: (path?: string) =>
    data(client.POST('/api/v1/workspace/new', { body: path === undefined ? {} : { path } })),
  saveWorkspaceAs: (path: string, replace: boolean) =>
    data(client.POST('/api/v1/workspace/save-as', { body: { path, replace } })),
  recentWorkspaces: () => data(client.GET('/api/v1/workspace/recent')),
  forgetWorkspace: (path: string) => data(client.DELETE('/api/v1/workspace/recent', { params: { query: { path } } })),
  layout: () => data<unknown>(client.GET('/api/v1/workspace/layout')),
  putLayout: (layout: Record<string, unknown>) =>
    data(client.PUT('/api/v1/workspace/layout', { body: layout as Record<string, never> })),
  cancelJob: (id: number) => data(client.DELETE('/api/v1/jobs/{id}', { params: { path: { id } } })),
  tenants: () => data(client.GET('/api/v1/tenants')),
  createTenant: (name: string, profile: string) => data(client.POST('/api/v1/tenants', { body: { name, profile } })),
  changeTenant: (name: string, body: TenantChange) =>
    data(client.PATCH('/api/v1/tenants/{name}', { params: { path: { name } }, body })),
  putUpstream: (name: string, body: NewUpstream) =>
    data(client.PUT('/api/v1/tenants/{name}/upstream', { params: { path: { name } }, body })),
  deleteUpstream: (name: string) =>
    data(client.DELETE('/api/v1/tenants/{name}/upstream', { params: { path: { name } } })),
  agreeToHost: (host: string) => data(client.PUT('/api/v1/replays/consents/{host}', { params: { path: { host } } })),
  deleteTenant: (name: string) => data(client.DELETE('/api/v1/tenants/{name}', { params: { path: { name } } })),
  duplicateTenant: (name: string, to: string) =>
    data(client.POST('/api/v1/tenants/{name}/clone', { params: { path: { name } }, body: { name: to } })),
  resetTenant: (name: string) => data(client.POST('/api/v1/tenants/{name}/reset', { params: { path: { name } } })),
  tenantProfile: (name: string) =>
    data(client.GET('/api/v1/tenants/{name}/profile', { params: { path: { name } } })) as Promise<Switches>,
  putTenantProfile: (name: string, body: Record<string, unknown>) =>
    data(client.PUT('/api/v1/tenants/{name}/profile', { params: { path: { name } }, body })) as Promise<Switches>,
  announced: (name: string) =>
    data(client.GET('/api/v1/tenants/{name}/service-provider-config', { params: { path: { name } } })) as Promise<
      Record<string, unknown>
    >,
  credentials: (name: string) => data(client.GET('/api/v1/tenants/{name}/credentials', { params: { path: { name } } })),
  createCredential: (name: string, body: NewCredential) =>
    data(client.POST('/api/v1/tenants/{name}/credentials', { params: { path: { name } }, body })),
  changeCredential: (name: string, id: string, body: CredentialChange) =>
    data(client.PATCH('/api/v1/tenants/{name}/credentials/{id}', { params: { path: { name, id } }, body })),
  deleteCredential: (name: string, id: string) =>
    data(client.DELETE('/api/v1/tenants/{name}/credentials/{id}', { params: { path: { name, id } } })),
  rotateCredential: (name: string, id: string, overlap_s: number) =>
    data(
      client.POST('/api/v1/tenants/{name}/credentials/{id}/rotate', {
        params: { path: { name, id } },
        body: { overlap_s },
      }),
    ),
  revokeTokens: (name: string) => data(client.DELETE('/api/v1/tenants/{name}/tokens', { params: { path: { name } } })),
  job: (id: number) => data(client.GET('/api/v1/jobs/{id}', { params: { path: { id } } })),
}

export type Api = typeof api
