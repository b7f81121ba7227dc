// A server for each test, an IdP that speaks to it, and the page opened with its token.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test as base, expect, type APIRequestContext, type APIResponse, type Page } from '@playwright/test'

const HERE = dirname(fileURLToPath(import.meta.url))
const BINARY = process.env['SCIMSCOPE_BIN'] ?? resolve(HERE, '../../target/debug/scimscope')
export const TOKEN = 'token-of-the-browser-tests'
const CONTROL_TOKEN = 'control-token-of-the-browser-tests'

export interface Server {
  /** Base URL of SCIM. */
  scim: string
  /** Where the control API and the page are. */
  control: string
  controlToken: string
  /** Asks the control API, as a program would. */
  ask<T>(path: string): Promise<T>
}

/** What a server is started with beside what all are. */
export interface Start {
  options: string[]
  variables: Record<string, string>
}

async function start({
  options,
  variables,
}: Start): Promise<{ server: Server; process: ChildProcess; stop: () => Promise<void> }> {
  const child = spawn(
    BINARY,
    [
      'serve',
      '--listen',
      '127.0.0.1:0',
      '--control',
      '127.0.0.1:0',
      '--token',
      TOKEN,
      '--control-token',
      CONTROL_TOKEN,
      ...options,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...variables } },
  )
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const line = await new Promise<string>((ready, failed) => {
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('\n')) ready(text)
    })
    child.on('error', failed)
    child.on('exit', (code) => failed(new Error(`${BINARY} ended with ${code} before it was ready:\n${log}`)))
  })
  const { scim, control } = JSON.parse(line) as { scim: string; control: string }
  const server: Server = {
    scim,
    control,
    controlToken: CONTROL_TOKEN,
    ask: async <T>(path: string) => {
      const response = await fetch(`${control}/api/v1${path}`, {
        headers: { authorization: `Bearer ${CONTROL_TOKEN}` },
      })
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as T
    },
  }
  const stop = async () => {
    if (child.exitCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
    if (child.exitCode !== 0) throw new Error(`the server ended with ${child.exitCode ?? child.signalCode}:\n${log}`)
  }
  return { server, process: child, stop }
}

/** What Microsoft Entra ID sends, without the waiting. */
export class Entra {
  constructor(
    private readonly request: APIRequestContext,
    private readonly scim: string,
  ) {}

  lookFor(userName: string): Promise<APIResponse> {
    const filter = encodeURIComponent(`userName eq "${userName}"`).replaceAll('%20', '+')
    return this.request.get(`${this.scim}/Users?filter=${filter}`, { headers: this.#headers() })
  }

  async create(userName: string, displayName: string): Promise<string> {
    const [givenName, familyName] = displayName.split(' ')
    const response = await this.request.post(`${this.scim}/Users`, {
      headers: this.#headers('application/scim+json; charset=utf-8'),
      data: JSON.stringify({
        schemas: [
          'urn:ietf:params:scim:schemas:core:2.0:User',
          'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
        ],
        externalId: userName,
        userName,
        active: true,
        displayName,
        emails: [{ primary: true, type: 'work', value: userName }],
        meta: { resourceType: 'User' },
        name: { formatted: displayName, familyName, givenName },
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Research' },
      }),
    })
    expect(response.status()).toBe(201)
    return ((await response.json()) as { id: string }).id
  }

  patch(id: string, body: string): Promise<APIResponse> {
    return this.request.patch(`${this.scim}/Users/${id}`, {
      headers: this.#headers('application/scim+json; charset=utf-8'),
      data: body,
    })
  }

  remove(id: string): Promise<APIResponse> {
    return this.request.delete(`${this.scim}/Users/${id}`, { headers: this.#headers() })
  }

  /** Provisions somebody, then disables her: three exchanges. The body of the PATCH is the result. */
  async disable(userName: string, displayName: string): Promise<{ id: string; body: string }> {
    await this.lookFor(userName)
    const id = await this.create(userName, displayName)
    const body = operations({ op: 'Replace', path: 'active', value: 'False' })
    const response = await this.patch(id, body)
    expect([200, 204]).toContain(response.status())
    return { id, body }
  }

  #headers(type?: string): Record<string, string> {
    return { authorization: `Bearer ${TOKEN}`, ...(type ? { 'content-type': type } : {}) }
  }
}

export function operations(...list: object[]): string {
  return JSON.stringify({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: list })
}

/** Sends bytes as they are and answers with what came back until the server closed or the time was up. */
export async function sendBytes(url: string, bytes: string | Uint8Array): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
  socket.end(bytes)
  await once(socket, 'close')
  return answer
}

/** A cable between the page and the server that can be pulled. */
export class Cable {
  #sockets = new Set<Socket>()
  #server = createServer((near) => {
    if (!this.plugged) return near.destroy()
    const far = connect(this.#port, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  plugged = true
  #port: number

  constructor(control: string) {
    this.#port = Number(new URL(control).port)
  }

  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  pull(): void {
    this.plugged = false
    for (const socket of this.#sockets) socket.destroy()
  }

  plugIn(): void {
    this.plugged = true
  }

  close(): void {
    this.pull()
    this.#server.close()
  }
}

interface Fixtures {
  /** What the server is started with. */
  starting: Start
  server: Server
  entra: Entra
  /** The page, opened as the address on stderr has it. */
  opened: Page
}

export const test = base.extend<Fixtures>({
  starting: [{ options: [], variables: {} }, { option: true }],
  server: async ({ starting }, use) => {
    const { server, stop } = await start(starting)
    await use(server)
    await stop()
  },
  entra: async ({ request, server }, use) => use(new Entra(request, server.scim)),
  opened: async ({ page, server }, use) => {
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      // The browser reports every answer above 399; a refused change is one that the page shows at its place.
      if (message.type() === 'error' && !/status of (409|422)/.test(message.text())) problems.push(message.text())
    })
    await page.goto(`${server.control}/#token=${server.controlToken}`)
    await use(page)
    expect(problems, 'the page reported errors').toEqual([])
  },
})

export { expect }
