// Two states side by side as lines of JSON. The order of members, and of elements that are told apart by what they
// are, is that of the state after: what only moved is no change.

export interface Side {
  number: number
  text: string
}

export interface SideRow {
  kind: 'same' | 'added' | 'removed' | 'changed'
  before?: Side
  after?: Side
}

export type Block = { kind: 'rows'; rows: SideRow[] } | { kind: 'folded'; rows: SideRow[] }

/** Unchanged lines that stay in sight around a change. */
const AROUND = 2
/** Beyond so many pairs of lines, what differs is shown as a whole. */
const MOST_PAIRS = 4_000_000

type Value = unknown

function isObject(value: Value): value is Record<string, Value> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What an element of a list is told apart by. */
function identity(element: Value): string | undefined {
  if (!isObject(element)) return JSON.stringify(element)
  for (const name of ['value', 'type', '$ref', 'display']) {
    if (typeof element[name] === 'string') return `${name} ${element[name]}`
  }
  return undefined
}

/** A value with its members and elements in the order of another one. */
export function aligned(value: Value, model: Value): Value {
  if (isObject(value) && isObject(model)) {
    const names = [...Object.keys(model).filter((name) => name in value)]
    for (const name of Object.keys(value)) if (!(name in model)) names.push(name)
    return Object.fromEntries(names.map((name) => [name, aligned(value[name], model[name])]))
  }
  if (Array.isArray(value) && Array.isArray(model)) {
    const left = [...value]
    const out: Value[] = []
    for (const like of model) {
      const wanted = identity(like)
      const at = left.findIndex((element) => wanted !== undefined && identity(element) === wanted)
      if (at >= 0) out.push(aligned(left.splice(at, 1)[0], like))
    }
    return [...out, ...left]
  }
  return value
}

function linesOf(value: Value): string[] {
  return value === undefined || value === null ? [] : JSON.stringify(value, null, 2).split('\n')
}

/** Both states as rows, changed lines beside each other. */
export function sides(before: Value, after: Value): SideRow[] {
  const left = linesOf(aligned(before, after))
  const right = linesOf(after)
  // A comma at the end of a line says nothing about the line.
  const same = (one: string | undefined, other: string | undefined) =>
    one !== undefined && other !== undefined && one.replace(/,$/, '') === other.replace(/,$/, '')
  let start = 0
  while (start < left.length && start < right.length && same(left[start], right[start])) start++
  let end = 0
  while (
    end < left.length - start &&
    end < right.length - start &&
    same(left[left.length - 1 - end], right[right.length - 1 - end])
  )
    end++
  const rows: SideRow[] = []
  const keep = (at: number, to: number) =>
    rows.push({
      kind: 'same',
      before: { number: at + 1, text: left[at] ?? '' },
      after: { number: to + 1, text: right[to] ?? '' },
    })
  for (let at = 0; at < start; at++) keep(at, at)
  const middle = common(left.slice(start, left.length - end), right.slice(start, right.length - end), same)
  let [one, other] = [start, start]
  for (const [at, to] of [
    ...middle.map(([at, to]) => [at + start, to + start] as const),
    [left.length - end, right.length - end] as const,
  ]) {
    while (one < at || other < to) {
      const removed = one < at ? { number: one + 1, text: left[one++] ?? '' } : undefined
      const added = other < to ? { number: other + 1, text: right[other++] ?? '' } : undefined
      rows.push({
        kind: removed && added ? 'changed' : removed ? 'removed' : 'added',
        ...(removed ? { before: removed } : {}),
        ...(added ? { after: added } : {}),
      })
    }
    if (at < left.length - end) {
      keep(at, to)
      one = at + 1
      other = to + 1
    }
  }
  for (let at = 0; at < end; at++) keep(left.length - end + at, right.length - end + at)
  return rows
}

/** Pairs of lines that are in both, in order: a longest common subsequence. */
function common(
  left: string[],
  right: string[],
  same: (one: string | undefined, other: string | undefined) => boolean,
): [number, number][] {
  if (left.length * right.length > MOST_PAIRS) return []
  const width = right.length + 1
  const lengths = new Uint16Array((left.length + 1) * width)
  for (let at = left.length - 1; at >= 0; at--) {
    for (let to = right.length - 1; to >= 0; to--) {
      lengths[at * width + to] = same(left[at], right[to])
        ? (lengths[(at + 1) * width + to + 1] ?? 0) + 1
        : Math.max(lengths[(at + 1) * width + to] ?? 0, lengths[at * width + to + 1] ?? 0)
    }
  }
  const pairs: [number, number][] = []
  let [at, to] = [0, 0]
  while (at < left.length && to < right.length) {
    if (same(left[at], right[to])) pairs.push([at++, to++])
    else if ((lengths[(at + 1) * width + to] ?? 0) >= (lengths[at * width + to + 1] ?? 0)) at++
    else to++
  }
  return pairs
}

/** The rows with long unchanged stretches folded. */
export function folded(rows: SideRow[]): Block[] {
  const near = rows.map(() => false)
  rows.forEach((row, index) => {
    if (row.kind === 'same') return
    for (let at = Math.max(0, index - AROUND); at <= Math.min(rows.length - 1, index + AROUND); at++) near[at] = true
  })
  const blocks: Block[] = []
  rows.forEach((row, index) => {
    const kind = near[index] ? 'rows' : 'folded'
    const last = blocks.at(-1)
    if (last?.kind === kind) last.rows.push(row)
    else blocks.push({ kind, rows: [row] })
  })
  // A fold that hides next to nothing takes more room than it saves.
  return blocks.map((block) => (block.kind === 'folded' && block.rows.length <= 2 ? { ...block, kind: 'rows' } : block))
}

/** A state before with the bookkeeping of the state after: that a version and a time went on says nothing. */
export function quiet(before: unknown, after: unknown): unknown {
  if (!isObject(before) || !isObject(after) || !('meta' in before) || !('meta' in after)) return before
  return { ...before, meta: after['meta'] }
}
