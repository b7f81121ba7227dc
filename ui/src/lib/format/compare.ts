// Two exchanges as values that can be put side by side, without what is to be left out of the comparison.

import type { Exchange, Field } from '$lib/api/types'
import { content, isSecret, masked, readable } from './wire'

/** What may be left out: ids that a server gives, times, versions, the order of lists. */
export type Ignored = 'ids' | 'times' | 'etag' | 'order'
export const IGNORED: Ignored[] = ['ids', 'times', 'etag', 'order']

export type Part = 'request' | 'response' | 'state'

const IDS = /^(id|location|\$ref|value)$/
const TIMES = /^(created|lastModified|date)$/i
const VERSIONS = /^(version|etag|if-match|if-none-match)$/i
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi

/** A value without what is left out. A `value` counts as an id only if it looks like one: mail addresses are values too. */
export function reduced(value: unknown, ignored: ReadonlySet<Ignored>, name = ''): unknown {
  if (Array.isArray(value)) {
    const list = value.map((element) => reduced(element, ignored, name))
    if (!ignored.has('order')) return list
    return [...list].sort((left, right) => {
      const [one, other] = [JSON.stringify(left), JSON.stringify(right)]
      return one < other ? -1 : one > other ? 1 : 0
    })
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([member, inside]) => {
      if (ignored.has('ids') && IDS.test(member) && (member !== 'value' || isId(inside))) return false
      if (ignored.has('times') && TIMES.test(member)) return false
      return !(ignored.has('etag') && VERSIONS.test(member))
    })
    return Object.fromEntries(members.map(([member, inside]) => [member, reduced(inside, ignored, member)]))
  }
  return ignored.has('ids') && typeof value === 'string' ? value.replace(UUID, '…') : value
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && new RegExp(`^${UUID.source}$`, 'i').test(value)
}

/** A body as JSON, or as the text that it is. */
function body(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text.split('\n')
  }
}

function fields(headers: Field[]): Record<string, string> {
  return Object.fromEntries(
    headers.map(([name, value]) => [name.toLowerCase(), isSecret(name) ? masked(value) : value]),
  )
}

/** One part of an exchange as a value. Secrets stay masked: what is compared is also copied and shown around. */
export function partOf(exchange: Exchange, part: Part): unknown {
  const { request, response } = exchange
  if (part === 'request') {
    return {
      call: `${request.method} ${request.target_decoded ?? request.target}`,
      headers: fields(request.headers),
      body: body(readable(content(request)).text),
    }
  }
  if (part === 'response') {
    return response
      ? { status: response.status, headers: fields(response.headers), body: body(readable(response.body).text) }
      : undefined
  }
  if (exchange.changes.length === 0) return undefined
  return exchange.changes.map((change) => ({ [`${change.resource_type}`]: change.after ?? null }))
}
