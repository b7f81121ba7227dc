// What a list of resources shows of each: a few attributes that the schema of its type has.

import type { Attribute, Resource, ResourceType } from '$lib/api/directory'

export interface Column {
  /** The attribute's path, as filters and sorting name it. */
  path: string
  kind: 'text' | 'flag' | 'time' | 'list'
  /** Track of the grid. */
  width: string
  sortable: boolean
}

/** Attributes that say most, in the order in which they are wanted. */
const WANTED = ['userName', 'active', 'emails', 'title', 'externalId', 'members', 'meta.lastModified']
const MOST = 5

/** The columns after the name of the resource. */
export function columnsOf(type: ResourceType, named: string | undefined): Column[] {
  const known = new Map(type.attributes.map((attribute) => [attribute.path, attribute]))
  const others = type.attributes.filter(
    ({ path, kind, mutability }) =>
      !WANTED.includes(path) && kind !== 'complex' && mutability === 'readWrite' && !path.startsWith('urn:'),
  )
  const paths = [...WANTED.slice(0, -1).filter((path) => known.has(path)), ...others.map(({ path }) => path)]
  const chosen = paths.filter((path) => path !== named && path !== 'displayName' && !path.includes('password'))
  // An attribute that identifies is there already where another one does.
  const few = chosen.filter((path) => path !== 'externalId' || chosen.length <= MOST - 1).slice(0, MOST - 1)
  return [...few, 'meta.lastModified'].map((path) => column(path, known.get(path)))
}

/** The attribute by which the names of resources are sorted. */
export function nameOf(type: ResourceType): string | undefined {
  const paths = type.attributes.map(({ path }) => path)
  const required = type.attributes.find(({ kind, required, path }) => required && kind === 'string' && path !== 'id')
  return ['displayName', 'userName'].find((path) => paths.includes(path)) ?? required?.path
}

function column(path: string, attribute: Attribute | undefined): Column {
  if (path === 'meta.lastModified') return { path, kind: 'time', width: '148px', sortable: true }
  if (attribute?.kind === 'boolean') return { path, kind: 'flag', width: '64px', sortable: true }
  if (attribute?.multi_valued)
    return {
      path,
      kind: 'list',
      width: path === 'members' ? '104px' : 'minmax(120px, 1fr)',
      sortable: path !== 'members',
    }
  return { path, kind: attribute?.kind === 'dateTime' ? 'time' : 'text', width: 'minmax(110px, 0.8fr)', sortable: true }
}

/** The value at a path of a document; nothing if there is none. */
export function at(document: unknown, path: string): unknown {
  if (document === null || typeof document !== 'object') return undefined
  const object = document as Record<string, unknown>
  if (path in object) return object[path]
  // An extension's attribute: its URN has dots and colons, so the container is found by its beginning.
  for (const [name, value] of Object.entries(object))
    if (name.startsWith('urn:') && path.startsWith(`${name}:`)) return at(value, path.slice(name.length + 1))
  const dot = path.indexOf('.')
  if (dot > 0 && !path.startsWith('urn:')) return at(object[path.slice(0, dot)], path.slice(dot + 1))
  const found = Object.keys(object).find((name) => name.toLowerCase() === path.toLowerCase())
  return found === undefined ? undefined : object[found]
}

export interface ListCell {
  first: string
  count: number
}

/** The first value of a list, its primary one before others, and how many there are. */
export function listCell(resource: Resource, path: string): ListCell {
  const long = resource.left_out?.find(({ attribute }) => attribute === path)
  if (long) return { first: '', count: long.count }
  const list = at(resource.document, path)
  if (!Array.isArray(list)) return { first: '', count: 0 }
  const one = (list.find((item: unknown) => at(item, 'primary') === true) ?? list[0]) as unknown
  return { first: one === undefined ? '' : text(one), count: list.length }
}

/** A value in one line. */
export function text(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value !== 'object') return String(value)
  const shown = at(value, 'value') ?? at(value, 'display') ?? at(value, 'formatted')
  return shown === undefined || typeof shown === 'object' ? JSON.stringify(value) : text(shown)
}
