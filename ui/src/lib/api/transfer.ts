// Calls about files: writing exchanges into one, taking them over from one.

import { strings } from '$lib/strings'
import { ApiError, client, data, type Body } from './api'
import type { components } from './schema'

type Schemas = components['schemas']
export type Scope = Schemas['ExportScope']
export type Format = Schemas['ExportFormat']
export type Redaction = Schemas['Redaction']
export type Rule = Schemas['RedactionRule']
export type Report = Schemas['RedactionReport']
export type ExportFacts = Schemas['ExportFacts']
export type ImportFacts = Schemas['ImportFacts']
type Job = Schemas['Job']

/** How often a job is asked how far it is. */
const POLL_MS = 150

export const transfer = {
  preview: (scope: Scope, redaction: Redaction, signal: AbortSignal) =>
    data(client.POST('/api/v1/exports/preview', { body: { scope, redaction }, signal })),

  export: (scope: Scope, format: Format, redaction: Redaction) =>
    data(client.POST('/api/v1/jobs', { body: { kind: 'export', scope, format, redaction } })),

  /** Sends the bytes of a file. */
  import: (name: string, bytes: Uint8Array<ArrayBuffer>) =>
    data(
      client.POST('/api/v1/imports', {
        params: { query: { name } },
        body: '' as never,
        headers: { 'content-type': 'application/octet-stream' },
        bodySerializer: (): Body => bytes,
      }),
    ),

  /** Opens the bytes of a file as a workspace, in the place of the open one. */
  open: (bytes: Uint8Array<ArrayBuffer>) =>
    data(
      client.POST('/api/v1/workspace/open-file', {
        body: '' as never,
        headers: { 'content-type': 'application/octet-stream' },
        bodySerializer: (): Body => bytes,
      }),
    ),

  cancel: (id: number) => data(client.DELETE('/api/v1/jobs/{id}', { params: { path: { id } } })),

  /** Where the file of a job is. */
  result: (id: number) => `/api/v1/jobs/${id}/result`,

  /** Waits for the end of a job; what it came to, or why it failed as an `ApiError`. */
  ended: async (id: number, tell: (share: number) => void): Promise<Job> => {
    for (;;) {
      const job = await data(client.GET('/api/v1/jobs/{id}', { params: { path: { id } } }))
      const { done, total } = job.progress
      tell(total > 0 ? done / total : 0)
      if (job.state === 'done' || job.state === 'cancelled') return job
      if (job.state === 'failed') throw new ApiError(0, job.problem ?? strings.transfer.broke)
      await new Promise((wake) => setTimeout(wake, POLL_MS))
    }
  },
}
