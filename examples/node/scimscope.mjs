// Starts the program `scimscope` for a test run, and speaks with its control API. No packages are needed.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** The program: the environment variable SCIMSCOPE, else the one in the path. */
const PROGRAM = process.env.SCIMSCOPE ?? 'scimscope'

export class Scimscope {
  #process
  #control
  #after = 0
  /** The SCIM base URL. */
  url
  /** The bearer token that clients must send. */
  token

  /** Starts a server on a free port, in a temporary workspace. More options are those of `scimscope serve`. */
  static async start(...options) {
    const server = new Scimscope()
    server.token = 'token-of-the-test'
    const fixed = ['--listen', '127.0.0.1:0', '--control', '127.0.0.1:0', '--no-ui']
    const tokens = ['--token', server.token, '--control-token', server.token]
    server.#process = spawn(PROGRAM, ['serve', ...fixed, ...tokens, ...options], { stdio: ['ignore', 'pipe', 'ignore'] })
    const ended = once(server.#process, 'exit').then(([code]) => {
      throw new Error(`${PROGRAM} ended with ${code} before it was ready`)
    })
    // The one line on standard output says that it is ready, and where it is.
    const [line] = await Promise.race([once(createInterface(server.#process.stdout), 'line'), ended])
    ended.catch(() => {})
    const { scim, control } = JSON.parse(line)
    server.url = scim
    server.#control = control
    return server
  }

  /** Calls the control API. */
  async call(method, path, body) {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' }
    const answer = await fetch(`${this.#control}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) })
    const said = await answer.json()
    if (!answer.ok) throw new Error(said.error.message)
    return said
  }

  /** Begins anew: record and directory are empty. */
  async reset() {
    this.#after = (await this.call('POST', '/reset', {})).head
  }

  /** Waits for exchanges that a query selects, and gives them. */
  async waitFor(q, { count = 1, timeout = 10_000 } = {}) {
    const waited = await this.call('POST', '/wait-for', { q, count, timeout_ms: timeout, after: this.#after })
    if (!waited.met) throw new Error(`${waited.count} of ${count}: ${q}\n${JSON.stringify(waited.misses, null, 2)}`)
    return waited.items
  }

  /** Fails with every check that does not hold. */
  async assert(...checks) {
    const asserted = await this.call('POST', '/assert', { checks, after: this.#after })
    const failed = asserted.checks.filter((check) => !check.passed)
    if (failed.length > 0) throw new Error(failed.map((check) => `${check.name}: ${check.message}`).join('\n'))
  }

  /** Ends the server. */
  async stop() {
    const ended = once(this.#process, 'exit')
    this.#process.kill()
    await ended
  }
}
