// A resource as its schemas order it: what it has, and what it could have.

import type { Resource, ResourceType } from '$lib/api/directory'
import { at } from './columns'

export interface Entry {
  path: string
  name: string
  /** What the schema says about it. */
  about: string
  kind: string
  required: boolean
  set: boolean
  value: unknown
  /** How many elements a list has that is too long to be here. */
  count?: number
}

export interface Section {
  schema: string
  title: string
  entries: Entry[]
}

/** The attributes of a resource by schema: the base schema, extensions, what the schemas do not know, and the common ones. */
export function sections(type: ResourceType, resource: Resource): Section[] {
  const found = new Map<string, Section>()
  const section = (schema: string, title: string) => {
    const known = found.get(schema) ?? { schema, title, entries: [] }
    found.set(schema, known)
    return known
  }
  section(type.schema, title(type.schema))
  const common = ['schemas', 'id', 'externalId', 'meta']
  for (const attribute of type.attributes) {
    const urn = urnOf(attribute.path)
    const isCommon = urn === undefined && common.includes(attribute.path)
    const home = isCommon ? section('', COMMON) : section(urn ?? type.schema, title(urn ?? type.schema))
    const value = at(resource.document, attribute.path)
    const long = resource.left_out?.find((list) => list.attribute === attribute.path)
    home.entries.push({
      path: attribute.path,
      name: urn === undefined ? attribute.path : attribute.path.slice(urn.length + 1),
      about: attribute.description,
      kind: attribute.kind,
      required: attribute.required && attribute.mutability !== 'readOnly',
      set: long !== undefined || !isEmpty(value),
      value,
      count: long?.count,
    })
  }
  const known = new Set(type.attributes.map(({ path }) => path.toLowerCase()))
  for (const name of common.filter((name) => !known.has(name.toLowerCase()))) {
    const value = at(resource.document, name)
    if (isEmpty(value)) continue
    section('', COMMON).entries.push({ path: name, name, about: '', kind: '', required: false, set: true, value })
  }
  const last = found.get('')
  found.delete('')
  return [...found.values(), ...(last ? [last] : [])]
}

export const COMMON = 'Common'

/** The schema of an extension's attribute; nothing for others. */
export function urnOf(path: string): string | undefined {
  const end = path.startsWith('urn:') ? path.lastIndexOf(':') : -1
  return end < 0 ? undefined : path.slice(0, end)
}

/** The part of a URN that people read: "enterprise User". */
export function title(urn: string): string {
  const parts = urn.split(':')
  const name = parts.at(-1) ?? urn
  const of = parts.at(-3)
  return of && of !== 'core' && urn.includes('extension') ? `${name}, ${of}` : name
}

export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && Object.values(value).every(isEmpty)
}
