// The server's part in a page that is one file: calls are answered from what is in the file. What would change something is refused.

import type { FindingGroup, FindingPage, Summary } from '$lib/api/types'
import { strings } from '$lib/strings'
import type { Transport } from '$lib/transport'
import type { Archive } from './archive'
import { complete, understand } from './query'

const PAGE = 200
const FLOWS = 100
const SAMPLES = 5

/** Takes calls as the server does, and has nothing to tell by itself. */
export function transportOf(archive: Archive): Transport {
  return {
    subscribe(_after, handlers) {
      let over = false
      queueMicrotask(() => {
        if (!over) handlers.onOpen()
      })
      return () => {
        over = true
      }
    },
    call: (request) => answered(archive, request),
  }
}

const json = (body: unknown, status = 200) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json' },
  })

const refused = (status: number, code: string, message: string) => json({ error: { code, message } }, status)

async function answered(archive: Archive, request: Request): Promise<Response> {
  // Where the file lies stands before it.
  const [, path = '', search = ''] = /(\/api\/v1\/[^?#]*)(?:\?([^#]*))?/.exec(request.url) ?? []
  const asked = new URLSearchParams(search)
  // How panes and columns are arranged is kept as long as the page is open.
  if (request.method === 'PUT' && path === '/api/v1/workspace/layout') return new Response(null, { status: 204 })
  if (request.method === 'PUT' && path === '/api/v1/list-columns') return json(await request.text())
  if (request.method !== 'GET') return refused(405, 'read_only', strings.file.readOnly)
  if (path === '/api/v1/workspace/layout') return json({})
  if (path === '/api/v1/exchanges') return json(exchanges(archive, asked))
  if (path === '/api/v1/flows') return json(flows(archive, asked))
  if (path === '/api/v1/findings') return json(findings(archive, asked))
  if (path === '/api/v1/query/complete') {
    const q = asked.get('q') ?? ''
    return json(complete(q, number(asked, 'cursor') ?? q.length))
  }
  const [, seq, side] = /^\/api\/v1\/exchanges\/(\d+)\/(request|response)$/.exec(path) ?? []
  if (seq !== undefined && side !== undefined) return await bytes(archive, seq, side)
  const found = await archive.answer(path)
  if (found !== undefined) return json(found)
  if (path.endsWith('/patches')) return json({ items: [] })
  return refused(404, 'not_found', strings.file.notThere)
}

function number(asked: URLSearchParams, name: string): number | undefined {
  const text = asked.get(name)
  return text === null ? undefined : Number(text)
}

function exchanges(archive: Archive, asked: URLSearchParams) {
  const { items, codes } = archive.start
  const q = asked.get('q') ?? ''
  const { info, test } = understand(q)
  const limit = number(asked, 'limit') ?? PAGE
  const after = number(asked, 'after') ?? 0
  const before = number(asked, 'before') ?? items.length + 1
  const newest = asked.get('newest') === 'true'
  const range = items.slice(after, Math.max(after, before - 1))
  const found: Summary[] = []
  let examined = 0
  let next: number | null = null
  for (const row of newest ? range.reverse() : range) {
    if (found.length === limit) {
      next = newest ? row.seq + 1 : row.seq - 1
      break
    }
    examined++
    if (test(row, codes[row.seq] ?? [])) found.push(row)
  }
  if (newest) found.reverse()
  const query = q === '' ? null : { ...info, hidden: asked.get('counts') === 'true' ? hidden(archive, q) : null }
  return { items: found, head: items.length, examined, next, query }
}

/** What each clause hides that the others would show. */
function hidden(archive: Archive, q: string) {
  const { items, codes } = archive.start
  const { info } = understand(q)
  const tests = info.clauses.map(({ text }) => understand(text).test)
  return info.clauses.map(({ text, start, end }, at) => {
    let [count, alone] = [0, 0]
    for (const row of items) {
      const own = codes[row.seq] ?? []
      if (tests[at]?.(row, own) !== false) continue
      count++
      if (tests.every((test, other) => other === at || test(row, own))) alone++
    }
    return { clause: text, start, end, count, alone }
  })
}

function flows(archive: Archive, asked: URLSearchParams) {
  const { items, codes } = archive.start
  const q = asked.get('q') ?? ''
  const limit = number(asked, 'limit') ?? FLOWS
  const before = number(asked, 'before') ?? Infinity
  const { info, test } = understand(q)
  const chosen = new Set(items.filter((row) => test(row, codes[row.seq] ?? [])).map((row) => row.flow))
  const fit = archive.start.flows.filter((flow) => flow.id < before && chosen.has(flow.id))
  const page = fit.slice(0, limit)
  return { items: page, next: fit.length > limit ? page.at(-1)?.id : null, query: q === '' ? null : info }
}

/** The findings of those that a query selects. */
function findings(archive: Archive, asked: URLSearchParams): FindingPage {
  const { items, codes, findings: pages } = archive.start
  const q = asked.get('q') ?? ''
  const { info, test } = understand(q)
  const selected = items.filter((row) => test(row, codes[row.seq] ?? []))
  const groups = new Map<string, FindingGroup>()
  for (const page of pages) for (const group of page.items) if (!groups.has(group.code)) groups.set(group.code, group)
  const counted = [...groups.values()].map((group) => {
    const rows = selected.filter((row) => codes[row.seq]?.includes(group.code))
    const dialects = new Map<string, number>()
    for (const { dialect } of rows) dialects.set(dialect ?? '', (dialects.get(dialect ?? '') ?? 0) + 1)
    return {
      ...group,
      findings: rows.reduce((sum, row) => sum + (codes[row.seq] ?? []).filter((code) => code === group.code).length, 0),
      exchanges: rows.length,
      dialects: [...dialects]
        .map(([dialect, exchanges]) => ({ dialect, exchanges }))
        .sort((left, right) => right.exchanges - left.exchanges),
      samples: rows.slice(-SAMPLES).reverse(),
    }
  })
  return {
    items: counted.filter((group) => group.exchanges > 0),
    examined: items.length,
    selected: selected.length,
    with_findings: selected.filter((row) => (codes[row.seq] ?? []).length > 0).length,
    head: items.length,
    next: null,
    query: q === '' ? null : info,
  }
}

interface Blob {
  encoding: string
  text: string
}

/** Head and body of a message, as far as they are here. */
async function bytes(archive: Archive, seq: string, side: string): Promise<Response> {
  const text = await archive.answer(`/api/v1/exchanges/${seq}`)
  const message = text && (JSON.parse(text) as Record<string, { head: Blob; body: Blob } | null | undefined>)[side]
  if (!message) return refused(404, 'not_found', strings.file.notThere)
  const parts = [message.head, message.body].map(({ encoding, text }) =>
    encoding === 'base64'
      ? Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
      : new TextEncoder().encode(text),
  )
  return new Response(new Blob(parts), { headers: { 'content-type': 'application/octet-stream' } })
}
