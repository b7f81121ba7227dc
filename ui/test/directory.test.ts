import { describe, expect, it } from 'vitest'
import type { Resource, ResourcePage, ResourceType } from '$lib/api/directory'
import { ApiError } from '$lib/api/api'
import { at, columnsOf, listCell, nameOf, text } from '$lib/directory/columns'
import { blank, check, fromField, get, read, set, writable } from '$lib/directory/draft'
import { sections } from '$lib/directory/entries'
import { Listing, PAGE, type Question } from '$lib/directory/listing.svelte'

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User'

function attribute(path: string, more: object = {}) {
  const plain = { kind: 'string', multi_valued: false, required: false, mutability: 'readWrite', description: '' }
  return { path, ...plain, sub_attributes: [], ...more }
}

const USER = {
  name: 'User',
  endpoint: '/Users',
  description: '',
  schema: CORE,
  count: 3,
  attributes: [
    attribute('userName', { required: true }),
    attribute('displayName'),
    attribute('active', { kind: 'boolean' }),
    attribute('emails', { kind: 'complex', multi_valued: true, sub_attributes: ['value', 'type', 'primary'] }),
    attribute('title'),
    attribute(`${ENTERPRISE}:department`),
  ],
} as ResourceType

function user(number: number, more: object = {}): Resource {
  return {
    resource_type: 'User',
    id: `id-${number}`,
    display: `User ${number}`,
    version: 1,
    document: { userName: `user${number}`, ...more },
  } as Resource
}

describe('columns', () => {
  it('are what says most about a type', () => {
    expect(nameOf(USER)).toBe('displayName')
    expect(columnsOf(USER, nameOf(USER)).map(({ path }) => path)).toEqual([
      'userName',
      'active',
      'emails',
      'title',
      'meta.lastModified',
    ])
  })

  it('are found for a type that nobody knows', () => {
    const lamp = { ...USER, attributes: [attribute('serial', { required: true }), attribute('room')] } as ResourceType
    expect(nameOf(lamp)).toBe('serial')
    expect(columnsOf(lamp, 'serial').map(({ path }) => path)).toEqual(['room', 'meta.lastModified'])
  })

  it('show the primary value of a list', () => {
    const one = user(1, { emails: [{ value: 'a@example.com' }, { value: 'b@example.com', primary: true }] })
    expect(listCell(one, 'emails')).toEqual({ first: 'b@example.com', count: 2 })
    expect(listCell(user(2), 'emails')).toEqual({ first: '', count: 0 })
  })

  it('count a list that is too long to be there', () => {
    const group = { ...user(1), left_out: [{ attribute: 'members', count: 4213 }] } as Resource
    expect(listCell(group, 'members').count).toBe(4213)
  })

  it('read through extensions and in any case', () => {
    const document = { [ENTERPRISE]: { department: 'Research' }, meta: { lastModified: 'then' }, UserName: 'ada' }
    expect(at(document, `${ENTERPRISE}:department`)).toBe('Research')
    expect(at(document, 'meta.lastModified')).toBe('then')
    expect(at(document, 'userName')).toBe('ada')
    expect(at(document, 'nothing.here')).toBeUndefined()
    expect(text({ value: 'x', type: 'work' })).toBe('x')
  })
})

describe('the attributes of a resource', () => {
  it('are ordered by schema, with what is not set', () => {
    const found = sections(USER, user(1, { [ENTERPRISE]: { department: 'Research' }, active: false, emails: [] }))
    expect(found.map(({ title }) => title)).toEqual(['User', 'User, enterprise'])
    const set = found.flatMap(({ entries }) => entries.filter((entry) => entry.set).map(({ name }) => name))
    expect(set).toEqual(['userName', 'active', 'department'])
  })
})

const QUESTION: Question = { tenant: 'default', type: 'User', filter: '', sortBy: '', descending: false, at: '' }

function server(total: () => number) {
  const asked: { start: number; filter: string | undefined }[] = []
  const held: (() => void)[] = []
  let hold = false
  const list = async (_tenant: string, _type: string, wanted: { start_index?: number; filter?: string }) => {
    const start = wanted.start_index ?? 1
    asked.push({ start, filter: wanted.filter })
    if (hold) await new Promise<void>((go) => held.push(go))
    if (wanted.filter === 'bad') throw new ApiError(400, 'no filter')
    const length = Math.max(0, Math.min(PAGE, total() - start + 1))
    const items = Array.from({ length }, (_, index) => user(start + index))
    return { revision: 1, total: total(), start_index: start, items, filter: null, plan: {} } as unknown as ResourcePage
  }
  return {
    list: list as never,
    asked,
    hold: () => (hold = true),
    release: () => {
      hold = false
      for (const go of held.splice(0)) go()
    },
  }
}

const settled = () => new Promise((resume) => setTimeout(resume, 0))

describe('the list of resources', () => {
  it('reads what is in sight, and a million more only when they are', async () => {
    const api = server(() => 1_000_000)
    const listing = new Listing(api)
    listing.ask(QUESTION)
    await settled()
    expect(listing.total).toBe(1_000_000)
    expect(listing.row(0)?.id).toBe('id-1')
    listing.look(654_321, 654_360)
    await settled()
    expect(listing.row(654_321)?.id).toBe('id-654322')
    expect(api.asked.map(({ start }) => start)).toEqual([1, 654_301])
    listing.look(654_325, 654_364)
    await settled()
    expect(api.asked).toHaveLength(2)
  })

  it('keeps rows in sight until another question is answered', async () => {
    const api = server(() => 3)
    const listing = new Listing(api)
    listing.ask(QUESTION)
    await settled()
    api.hold()
    listing.ask({ ...QUESTION, filter: 'active pr' })
    await settled()
    expect([listing.waiting, listing.row(0)?.id]).toEqual([true, 'id-1'])
    api.release()
    await settled()
    expect(listing.waiting).toBe(false)
  })

  it('keeps the answer to the last question, whichever comes last', async () => {
    const api = server(() => 3)
    const listing = new Listing(api)
    api.hold()
    listing.ask(QUESTION)
    listing.ask({ ...QUESTION, filter: 'bad' })
    listing.ask({ ...QUESTION, filter: 'active pr' })
    api.release()
    await settled()
    expect([listing.answered?.filter, listing.problem]).toEqual(['active pr', undefined])
  })

  it('says what was wrong, and goes on', async () => {
    const listing = new Listing(server(() => 3))
    listing.ask({ ...QUESTION, filter: 'bad' })
    await settled()
    expect(listing.problem?.status).toBe(400)
    listing.ask(QUESTION)
    await settled()
    expect([listing.problem, listing.total]).toEqual([undefined, 3])
  })

  it('reads again when the directory has changed, also from nothing', async () => {
    let total = 0
    const listing = new Listing(server(() => total))
    listing.ask(QUESTION)
    await settled()
    expect(listing.total).toBe(0)
    total = 2
    listing.refresh()
    await settled()
    expect([listing.total, listing.row(1)?.id]).toEqual([2, 'id-2'])
    total = 1
    listing.refresh()
    await settled()
    expect([listing.total, listing.row(1)]).toEqual([1, undefined])
  })

  it('holds a bounded number of pages', async () => {
    const listing = new Listing(server(() => 1_000_000))
    listing.ask(QUESTION)
    await settled()
    for (let page = 1; page < 60; page++) {
      listing.look(page * PAGE, page * PAGE + 30)
      await settled()
    }
    expect(listing.row(0)).toBeUndefined()
    expect(listing.row(59 * PAGE)?.id).toBe(`id-${59 * PAGE + 1}`)
  })
})

describe('a resource that is written', () => {
  it('begins with what its type needs', () => {
    expect(blank(USER)).toEqual({ schemas: [CORE], active: true })
    expect(writable(USER).map(({ path }) => path)).toContain(`${ENTERPRISE}:department`)
  })

  it('names the schemas that it uses, and only those', () => {
    const path = `${ENTERPRISE}:department`
    const written = set(blank(USER), path, 'Research')
    expect([written['schemas'], get(written, path)]).toEqual([[CORE, ENTERPRISE], 'Research'])
    expect(set(written, path, undefined)).toEqual(blank(USER))
  })

  it('is compared with the schema before it is sent', () => {
    const wrong = {
      schemas: [CORE],
      active: 'yes',
      emails: [{ value: 'a', primary: true }, { primary: true }],
      shoe: 1,
    }
    expect(check(USER, wrong).map(({ path }) => path)).toEqual(['userName', 'active', 'emails', 'shoe'])
    expect(check(USER, { userName: 'ada', emails: [{ value: 'a', shoe: 1 }] }).map(({ path }) => path)).toEqual([
      'emails[0].shoe',
    ])
    expect(check(USER, { userName: 'ada', active: false })).toEqual([])
  })

  it('takes numbers as numbers, and what is none as it was typed', () => {
    expect([fromField('integer', '12'), fromField('integer', 'twelve'), fromField('string', '')]).toEqual([
      12,
      'twelve',
      undefined,
    ])
  })

  it('is read from JSON, or it is said why not', () => {
    expect(read('{"userName": "ada"}').document).toEqual({ userName: 'ada' })
    expect(read('[1]').problem).toContain('object')
    expect(read('{"userName": ').document).toBeUndefined()
  })
})
