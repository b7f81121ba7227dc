// A control API made of samples, inside Vite: `npm run dev:mock`. SCIMSCOPE_MOCK picks the state to look at:
// empty (default), sample, busy, million, lan, port, locked.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Plugin } from 'vite'
import type { Batch, Exchange } from '../src/lib/api/types'
import { garbage, sample, TOLERANCES } from './sample.ts'

const STEP_MS = 120
const SAMPLE_ROWS = 9

export function mockServer(): Plugin {
  const mode = process.env['SCIMSCOPE_MOCK'] ?? 'empty'
  let head = { sample: 10, busy: 60, million: 1_000_000 }[mode] ?? 0
  let profile = 'tolerant'
  let unlocked = mode !== 'locked'
  const streams = new Set<ServerResponse>()
  const at = (seq: number): Exchange => (seq % 10 === 0 ? garbage(seq) : sample(seq))

  const arrive = (rows: number) => {
    const batch: Batch = { workspace: 'mock', pos: 0, head: 0, items: [], states: [] }
    for (let row = 0; row < rows; row++) batch.items.push(at(++head).summary)
    batch.head = head
    batch.pos = head * 4
    for (const stream of streams) stream.write(`event: batch\nid: ${batch.pos}\ndata: ${JSON.stringify(batch)}\n\n`)
  }

  const json = (response: ServerResponse, value: unknown, status = 200) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }

  const answer = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const path = url.pathname.replace('/api/v1', '')
    const number = (name: string, otherwise: number) => Number(url.searchParams.get(name) ?? otherwise)
    if (path === '/session') {
      unlocked = (JSON.parse(body) as { token: string }).token === 'open'
      if (unlocked) response.writeHead(204).end()
      else json(response, { error: { code: 'unauthorized', message: 'wrong token' } }, 401)
      return
    }
    if (!unlocked) return json(response, { error: { code: 'unauthorized', message: 'no session' } }, 401)
    const seq = /^\/exchanges\/(\d+)$/.exec(path)?.[1]
    if (seq) return json(response, at(Number(seq)))
    switch (path) {
      case '/status':
        return json(response, {
          version: '0.1.0',
          scim: {
            url: `http://127.0.0.1:${mode === 'port' ? 8789 : 8787}/scim/v2`,
            requested_port: 8787,
            actual_port: mode === 'port' ? 8789 : 8787,
            exposure: mode === 'lan' ? 'lan' : 'local',
          },
          workspace: {
            id: 'mock',
            kind: 'temporary',
            path: null,
            durability: 'relaxed',
            state: 'working',
            problem: null,
          },
          profile,
          resources: [
            { resource_type: 'User', count: head ? 42 : 0 },
            { resource_type: 'Group', count: head ? 3 : 0 },
          ],
          head,
          pos: head * 4,
          durable: { confirming: true, through: head * 4 },
          memory: { held_bytes: head * 4_000, budget_bytes: 268_435_456, evicted: 0, dropped: 0, indexed_through: 0 },
          disk: {
            file_bytes: head * 1_000,
            used_bytes: head * 1_000,
            budget_bytes: 2_147_483_648,
            change_bytes: head * 100,
            exchanges_pruned: 0,
            flows_pruned: 0,
            changes_pruned: 0,
            horizons: [],
          },
        })
      case '/connection':
        return json(response, {
          scim_url: `http://127.0.0.1:${mode === 'port' ? 8789 : 8787}/scim/v2`,
          token: 'sample-token-0123456789abcdef',
          public_url: null,
        })
      case '/tolerances':
        return json(response, TOLERANCES)
      case '/profile':
        if (request.method === 'PUT') profile = (JSON.parse(body) as { name: string }).name
        return json(response, { name: profile, available: ['tolerant', 'rfc-strict'] })
      case '/exchanges': {
        const after = number('after', 0)
        const rows = Math.max(0, Math.min(number('limit', 100), head - after))
        return json(response, {
          items: Array.from({ length: rows }, (_, index) => at(after + index + 1).summary),
          head,
        })
      }
      case '/jobs':
        for (let row = 0; row < SAMPLE_ROWS; row++) setTimeout(() => arrive(1), row * STEP_MS)
        setTimeout(() => (ended = true), SAMPLE_ROWS * STEP_MS)
        return json(response, { id: 1 }, 202)
      case '/jobs/1':
        return json(response, { id: 1, state: ended ? 'done' : 'running', problem: null, steps: [] })
      case '/events':
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }).flushHeaders()
        streams.add(response)
        response.on('close', () => streams.delete(response))
        return
      case '/mock/arrive':
        arrive(number('rows', 1))
        return json(response, { head })
      default:
        return json(response, { error: { code: 'not_found', message: `the mock has no ${path}` } }, 404)
    }
  }
  let ended = false

  return {
    name: 'scimscope-mock',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        if (!request.url?.startsWith('/api/')) return next()
        let body = ''
        request.setEncoding('utf8')
        request.on('data', (chunk: string) => (body += chunk))
        request.on('end', () => answer(request, response, body))
      })
    },
  }
}
