// The query language as far as the lines of the list answer it: tests of fields, words, `or`, and what turns a test round. What
// would need heads, bodies or the directory says so, and is left out.

import type { QueryClause, QueryCompletions, QueryDiagnostic, QueryInfo, Summary } from '$lib/api/types'
import { strings } from '$lib/strings'

type Test = (row: Summary, codes: string[]) => boolean

export interface Understood {
  info: QueryInfo
  test: Test
}

/** A word of the query, with where it stands. */
interface Word {
  text: string
  start: number
  end: number
}

const has = (text: string | null | undefined, part: string) => (text ?? '').toLowerCase().includes(part)
const yes = (value: string, is: boolean) => is === !['no', 'false'].includes(value)
const whole = (text: string | null | undefined, value: string) =>
  value === 'none' ? !text : value === 'any' ? !!text : (text ?? '').toLowerCase() === value

/** Compares a number: `404`, `4xx`, `>=400`, `400..404`. */
function number(value: string, unit: (text: string) => number): ((have: number) => boolean) | undefined {
  const [, sign, only] = /^(>=|<=|>|<|=)?(.+)$/.exec(value) ?? []
  if (only === undefined) return undefined
  const [from, to] = only.includes('..') ? only.split('..') : [only, only]
  const low = from === '' ? -Infinity : unit(from ?? '')
  const high = to === '' ? Infinity : unit(to ?? '')
  if (Number.isNaN(low) || Number.isNaN(high)) return undefined
  if (sign === '>') return (have) => have > low
  if (sign === '>=') return (have) => have >= low
  if (sign === '<') return (have) => have < low
  if (sign === '<=') return (have) => have <= low
  return (have) => have >= low && have <= high
}

const plain = (text: string) => (text === '' ? NaN : Number(text))

function duration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(us|ms|s|m)$/.exec(text) ?? []
  return Number(amount) * ({ us: 1, ms: 1e3, s: 1e6, m: 6e7 }[unit ?? ''] ?? NaN)
}

function status(value: string): Test | undefined {
  if (value === 'none') return (row) => !row.status
  const hundreds = /^([1-5])(?:xx)?$/.exec(value)?.[1]
  if (hundreds) return (row) => Math.floor((row.status ?? 0) / 100) === Number(hundreds)
  const fits = number(value, plain)
  return fits && ((row) => !!row.status && fits(row.status))
}

/** The test for one value of a field; nothing if it cannot be read. Absent fields cannot be asked here. */
const FIELDS: Record<string, (value: string) => Test | undefined> = {
  status,
  method: (value) => (row) => whole(row.method, value),
  op: (value) =>
    ['get', 'post', 'put', 'patch', 'delete'].includes(value) ? (row) => whole(row.method, value) : undefined,
  verdict: (value) => (row) => row.verdict === value,
  dialect: (value) => (row) => whole(row.dialect, value),
  tenant: (value) => (row) => whole(row.tenant, value),
  probe: (value) => (row) => yes(value, row.probe),
  pinned: (value) => (row) => yes(value, row.pinned),
  tag: (value) => (row) =>
    value === 'any' || value === 'none'
      ? (value === 'any') === row.tags.length > 0
      : row.tags.some((tag) => tag.toLowerCase() === value),
  finding: (value) => (row, codes) =>
    value === 'any' || value === 'none'
      ? (value === 'any') === codes.length > 0
      : value === 'tolerated'
        ? row.tolerances.length > 0
        : codes.some((code) => code.toLowerCase() === value),
  rule: (value) => (row) =>
    value === 'any' || value === 'none'
      ? (value === 'any') === (row.rules ?? []).length > 0
      : (row.rules ?? []).some((rule) => has(rule, value)),
  flow: (value) => (row) => String(row.flow) === value || has(row.sentence, value),
  seq: (value) => {
    const fits = number(value, plain)
    return fits && ((row) => fits(row.seq))
  },
  took: (value) => {
    const fits = number(value, duration)
    return fits && ((row) => row.elapsed_us !== null && row.elapsed_us !== undefined && fits(row.elapsed_us))
  },
  target: (value) => (row) => has(row.target, value),
  text: (value) => (row) => everywhere(row, value),
  user: (value) => (row) => has(row.sentence, value) || has(row.target, value),
  group: (value) => (row) => has(row.sentence, value) || has(row.target, value),
}

function everywhere(row: Summary, part: string): boolean {
  let target = row.target
  try {
    target = decodeURIComponent(target.replaceAll('+', ' '))
  } catch {
    // As it was sent.
  }
  return [row.sentence, row.target, target, row.method, ...row.tags].some((text) => has(text, part))
}

function words(text: string): Word[] {
  const found: Word[] = []
  for (const match of text.matchAll(/(?:"(?:[^"\\]|\\.)*"?|\[[^\]]*\]?|[^\s"[])+/g))
    found.push({ text: match[0], start: match.index, end: match.index + match[0].length })
  return found
}

const unquoted = (text: string) =>
  text.replaceAll(/"((?:[^"\\]|\\.)*)"?/g, (_, inner: string) => inner.replaceAll(/\\(.)/g, '$1'))

/** What a query asks. */
export function understand(text: string): Understood {
  const clauses: QueryClause[] = []
  const diagnostics: QueryDiagnostic[] = []
  /** All of these have to hold, of each one of its alternatives. */
  const tests: Test[][] = []
  let or = false
  let not = false
  for (const word of words(text)) {
    const { start, end } = word
    const lower = word.text.toLowerCase()
    if (lower === 'and') continue
    if (lower === 'or' || lower === 'not') {
      if (lower === 'or') or = true
      else not = !not
      continue
    }
    const turned = /^[-!]/.test(word.text)
    const bare = turned ? word.text.slice(1) : word.text
    const read = testOf(bare)
    if ('problem' in read) {
      diagnostics.push({ start, end, message: read.problem, suggestion: null, left_out: true })
    } else {
      const round = turned !== not
      const test: Test = (row, codes) => read.test(row, codes) !== round
      if (or && tests.length > 0) tests[tests.length - 1]?.push(test)
      else tests.push([test])
    }
    clauses.push({ text: word.text, start, end })
    or = not = false
  }
  const test: Test = (row, codes) => tests.every((some) => some.some((one) => one(row, codes)))
  return { info: { sentence: strings.file.sentence(text.trim()), clauses, diagnostics, hidden: null }, test }
}

function testOf(word: string): { test: Test } | { problem: string } {
  if (word === 'probe' || word === 'pinned') return { test: (row) => row[word] }
  const [, name, sign, rest] = /^([a-z]+)(:|(?=[<>]))(.*)$/i.exec(word) ?? []
  if (name === undefined || rest === undefined || sign === undefined) {
    if (/[()]/.test(word)) return { problem: strings.file.noParentheses }
    const part = unquoted(word).toLowerCase()
    return { test: (row) => everywhere(row, part) }
  }
  const field = FIELDS[name.toLowerCase()]
  if (!field) return { problem: strings.file.notHere(name) }
  const other = rest.startsWith('!=')
  const values = unquoted(rest.replace(/^!?=/, '')).toLowerCase().split(',')
  const tests = values.map((value) => field(value))
  const sound = tests.filter((test): test is Test => test !== undefined)
  if (sound.length < tests.length) return { problem: strings.file.unreadable(rest) }
  return { test: (row, codes) => sound.some((test) => test(row, codes)) !== other }
}

/** The fields that can be asked, for the word at the cursor. */
export function complete(text: string, cursor: number): QueryCompletions {
  const word = words(text).find(({ start, end }) => start <= cursor && cursor <= end)
  const [start, typed] = [word?.start ?? cursor, text.slice(word?.start ?? cursor, cursor).toLowerCase()]
  const fits = Object.keys(FIELDS).filter((name) => name.startsWith(typed) && typed !== '' && !typed.includes(':'))
  const items = fits.map((name) => ({ text: `${name}:`, about: strings.file.field(name), kind: 'field' as const }))
  return { start, end: word?.end ?? cursor, items, query: understand(text).info }
}
