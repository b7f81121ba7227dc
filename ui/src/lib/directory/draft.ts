// A resource while it is written by hand: what may be written, what is wrong with it, and the document that will be sent.

import type { Attribute, ResourceType } from '$lib/api/directory'
import { strings } from '$lib/strings'
import { urnOf } from './entries'

export type Json = Record<string, unknown>

export interface Problem {
  path: string
  message: string
}

/** Attributes that a person may write. */
export function writable(type: ResourceType): Attribute[] {
  const own = ['id', 'schemas', 'meta', 'groups']
  return type.attributes.filter(({ path, mutability }) => mutability !== 'readOnly' && !own.includes(path))
}

/** A document to begin a new resource with. */
export function blank(type: ResourceType): Json {
  const value: Json = { schemas: [type.schema] }
  for (const { path, kind } of type.attributes) if (path === 'active' && kind === 'boolean') value[path] = true
  return value
}

/** The value of an attribute, in an extension's container if it is one's. */
export function get(document: Json, path: string): unknown {
  const urn = urnOf(path)
  if (urn === undefined) return document[path]
  const container = document[urn]
  return isObject(container) ? container[path.slice(urn.length + 1)] : undefined
}

/** A document with this value at an attribute; nothing of it is left where the value is empty. */
export function set(document: Json, path: string, value: unknown): Json {
  const urn = urnOf(path)
  if (urn === undefined) return placed(document, path, value)
  const container = isObject(document[urn]) ? document[urn] : {}
  const next = placed(container, path.slice(urn.length + 1), value)
  const filled = Object.keys(next).length > 0
  const schemas = Array.isArray(document['schemas']) ? (document['schemas'] as unknown[]) : []
  const others = schemas.filter((name) => name !== urn)
  return { ...placed(document, urn, filled ? next : undefined), schemas: filled ? [...others, urn] : others }
}

function placed(object: Json, name: string, value: unknown): Json {
  if (value !== undefined) return { ...object, [name]: value }
  return Object.fromEntries(Object.entries(object).filter(([other]) => other !== name))
}

/** What the schema of the type says against a document; empty if nothing. */
export function check(type: ResourceType, document: Json): Problem[] {
  const texts = strings.directory.edit
  const problems: Problem[] = []
  const known = new Map(type.attributes.map((attribute) => [attribute.path.toLowerCase(), attribute]))
  for (const attribute of writable(type)) {
    const value = get(document, attribute.path)
    const name = attribute.path
    if (value === undefined || value === null || value === '') {
      if (attribute.required) problems.push({ path: name, message: texts.missing(name) })
    } else if (attribute.multi_valued) {
      if (!Array.isArray(value)) problems.push({ path: name, message: texts.noList(name) })
      else {
        value.forEach((item, index) => typed(attribute, item, `${name}[${index}]`, problems))
        const primary = value.filter((item) => isObject(item) && item['primary'] === true)
        if (primary.length > 1) problems.push({ path: name, message: texts.twoPrimary(name) })
      }
    } else typed(attribute, value, name, problems)
  }
  for (const name of Object.keys(document)) {
    const isExtension = type.attributes.some(({ path }) => urnOf(path)?.toLowerCase() === name.toLowerCase())
    if (!known.has(name.toLowerCase()) && !isExtension && !['schemas', 'id', 'externalId', 'meta'].includes(name))
      problems.push({ path: name, message: texts.unknown(name, type.name) })
  }
  return problems
}

function typed(attribute: Attribute, value: unknown, path: string, problems: Problem[]): void {
  const texts = strings.directory.edit
  const fits = {
    string: typeof value === 'string',
    reference: typeof value === 'string',
    binary: typeof value === 'string',
    boolean: typeof value === 'boolean',
    integer: Number.isInteger(value),
    decimal: typeof value === 'number',
    dateTime: typeof value === 'string' && !Number.isNaN(Date.parse(value)),
    complex: isObject(value),
  }[attribute.kind]
  if (fits === false) return void problems.push({ path, message: texts.wrongKind(path, attribute.kind) })
  if (!isObject(value)) return
  const subs = attribute.sub_attributes.map((name) => name.toLowerCase())
  for (const name of Object.keys(value))
    if (subs.length > 0 && !subs.includes(name.toLowerCase()) && name !== '$ref')
      problems.push({ path: `${path}.${name}`, message: texts.unknown(name, path) })
}

/** The text of a JSON view as a document, or what is wrong with it. */
export function read(text: string): { document?: Json; problem?: string } {
  try {
    const value = JSON.parse(text) as unknown
    return isObject(value) ? { document: value } : { problem: strings.directory.edit.noObject }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

export function isObject(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** A number or text as a field has it, as the value that the schema wants. */
export function fromField(kind: string, text: string): unknown {
  if (text === '') return undefined
  if (kind === 'integer' || kind === 'decimal') return Number.isNaN(Number(text)) ? text : Number(text)
  return text
}
