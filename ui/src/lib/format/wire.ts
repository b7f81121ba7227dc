// Requests and responses as text, with secrets masked until somebody asks for them.

import type { Blob, Exchange, Field, RequestView } from '$lib/api/types'
import { fromBase64, hexDump } from './format'

const SECRET_FIELDS = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie']
/** Fields that the client makes itself. */
const OWN_FIELDS = ['host', 'content-length', 'transfer-encoding', 'connection', 'expect', 'keep-alive']

export function isSecret(name: string): boolean {
  return SECRET_FIELDS.includes(name.trim().toLowerCase())
}

/** Keeps the scheme, so that it is still seen how the client authenticates: "Bearer ••••••••". */
export function masked(value: string): string {
  const scheme = /^\s*(Bearer|Basic|Digest|Negotiate|DPoP)\s+\S/i.exec(value)
  return scheme ? `${scheme[1]} ••••••••` : '••••••••'
}

/** The head with the values of secret fields masked; every other byte stays. */
export function maskedHead(head: string): string {
  return head.replace(/^([^:\r\n]+):([ \t]*)([^\r\n]*)/gm, (line, name: string, blank: string, value: string) =>
    isSecret(name) && value !== '' ? `${name}:${blank}${masked(value)}` : line,
  )
}

/** A blob as text to show: itself, or a hex dump. */
export function readable(blob: Blob): { text: string; binary: boolean } {
  if (blob.encoding === 'utf8') return { text: blob.text, binary: false }
  return { text: hexDump(fromBase64(blob.text)), binary: true }
}

/** What a request's body means: without chunk framing. */
export function content(request: RequestView): Blob {
  return request.decoded_body ?? request.body
}

/** Whether any field holds a secret. */
export function hasSecrets(headers: Field[]): boolean {
  return headers.some(([name]) => isSecret(name))
}

/** A command that sends the request again. Without secrets the token is left to a variable. */
export function curl(exchange: Exchange, scimUrl: string, reveal: boolean): string {
  const { request } = exchange
  const url = new URL(request.target, scimUrl).href
  const parts = [`curl -X ${quote(request.method)} ${quote(url)}`]
  for (const [name, value] of request.headers) {
    if (OWN_FIELDS.includes(name.toLowerCase())) continue
    if (isSecret(name) && !reveal) {
      const bearer = /^\s*Bearer\s/i.test(value)
      if (name.toLowerCase() === 'authorization') parts.push(`-H "${name}: ${bearer ? 'Bearer ' : ''}$SCIM_TOKEN"`)
      continue
    }
    parts.push(`-H ${quote(`${name}: ${value}`)}`)
  }
  const body = content(request)
  if (body.encoding === 'utf8' && body.bytes > 0) parts.push(`--data-binary ${quote(body.text)}`)
  return parts.join(' \\\n  ')
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
