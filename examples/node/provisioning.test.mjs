// `node --test` with a SCIM server that tells what came.

import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { Scimscope } from './scimscope.mjs'

let server

before(async () => {
  server = await Scimscope.start()
})
beforeEach(() => server.reset())
after(() => server.stop())

/** What is to be tested stands here: something that provisions a user. */
async function provision(userName) {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/scim+json' }
  const filter = encodeURIComponent(`userName eq "${userName}"`)
  const found = await (await fetch(`${server.url}/Users?filter=${filter}`, { headers })).json()
  if (found.totalResults > 0) return
  const body = JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, active: true })
  await fetch(`${server.url}/Users`, { method: 'POST', headers, body })
}

test('a user is looked for before it is created', async () => {
  await provision('ada@example.com')
  await server.assert(
    { kind: 'order', queries: ['method:get', 'method:post status:201'] },
    { kind: 'only', queries: ['method:get', 'method:post'] },
    { kind: 'state', resource_type: 'User', filter: 'userName eq "ada@example.com" and active eq true', exactly: 1 },
  )
})

test('a user that is there is not created again', async () => {
  await provision('ada@example.com')
  await provision('ada@example.com')
  const [lookup] = await server.waitFor('method:get', { count: 2 })
  assert.equal(lookup.status, 200)
  await server.assert({ kind: 'count', q: 'method:post', exactly: 1 })
})

test('what does not hold is told', async () => {
  await provision('grace@example.com')
  await assert.rejects(server.assert({ kind: 'count', q: 'method:post', exactly: 2 }), /exactly 2.*there are 1/)
  await assert.rejects(server.waitFor('status:500', { timeout: 0 }), /0 of 1/)
})
