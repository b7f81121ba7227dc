// The search that tells its hits as it finds them: one JSON object a line.

import { strings } from '$lib/strings'
import { ApiError, client, data } from './api'
import type { SearchLine } from './types'

/** Looks through the record from the newest backwards; ends when `limit` are found, all is seen, or the signal says so. */
export async function streamSearch(
  q: string,
  range: { before?: number | undefined; limit: number },
  signal: AbortSignal,
  online: (line: SearchLine) => void,
): Promise<void> {
  const query = { limit: range.limit, ...(q === '' ? {} : { q }), ...(range.before ? { before: range.before } : {}) }
  const body = await data<unknown>(
    client.GET('/api/v1/exchanges/search', { params: { query }, parseAs: 'stream', signal }),
  )
  if (!(body instanceof ReadableStream)) throw new ApiError(0, strings.errors.network)
  const reader = (body as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    const lines = (rest + value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) online(JSON.parse(line) as SearchLine)
  }
}
