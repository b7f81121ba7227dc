// Numbers, times and bytes for people.

const TIME = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
})
const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const NUMBER = new Intl.NumberFormat()

/** Local time of day with milliseconds: "12:02:11.482". */
export function clock(at: string): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? at : TIME.format(date).replace(',', '.')
}

/** Local date and time, and the instant as recorded. */
export function instant(at: string): { local: string; utc: string } {
  const date = new Date(at)
  return { local: Number.isNaN(date.getTime()) ? at : DATE_TIME.format(date), utc: at }
}

/** "0.42 ms", "7.3 ms", "128 ms", "1.24 s". */
export function duration(us: number | null | undefined): string {
  if (us === null || us === undefined) return ''
  const ms = us / 1000
  if (ms < 1) return `${ms.toFixed(2)} ms`
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  return ms < 60_000 ? `${(ms / 1000).toFixed(2)} s` : `${Math.round(ms / 1000)} s`
}

export function count(value: number): string {
  return NUMBER.format(value)
}

/** "312 B", "4.1 kB", "6.2 MB"; thousands, as on the wire. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${NUMBER.format(bytes)} B`
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** Dialects that do not write themselves with a capital at the beginning and nowhere else. */
const SPELLED: Record<string, string> = {
  authentik: 'authentik',
  jumpcloud: 'JumpCloud',
  onelogin: 'OneLogin',
  rauthy: 'rauthy',
}

/** The name of a dialect, as its makers write it: "entra" is "Entra", "onelogin" is "OneLogin". */
export function dialectName(dialect: string): string {
  return SPELLED[dialect] ?? dialect.charAt(0).toUpperCase() + dialect.slice(1)
}

/** Reason phrases that SCIM uses; others stay numbers. */
export const REASONS: Record<number, string> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
}

/** Bytes as a hex dump of 16 a line. */
export function hexDump(bytes: Uint8Array, limit = 16_384): string {
  const lines: string[] = []
  const end = Math.min(bytes.length, limit)
  for (let at = 0; at < end; at += 16) {
    const row = bytes.subarray(at, Math.min(at + 16, end))
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = Array.from(row, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join('')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  ${text}`)
  }
  return lines.join('\n')
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

/** Memory, in the powers of two in which budgets are given: `256 MiB`. */
export function memory(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`
}
