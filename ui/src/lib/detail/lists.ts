// The lines of a diff, those about elements of large lists apart from the others.

import type { Change, Line } from '$lib/api/types'
import { home } from '$lib/format/changes'

/** From so many elements that came or went, a list is shown by itself. */
const MANY = 9

export interface ListChange {
  attribute: string
  lines: Line[]
  /** How many elements there are after the change, if that is known. */
  total: number | undefined
  added: number
  removed: number
  /** Whether there may be more than these: the lines of a change are told up to a thousand. */
  atLeast: boolean
}

/** Splits lines into those of large lists and the rest. */
export function apart(lines: Line[], change?: Change): { lists: ListChange[]; rest: Line[] } {
  const found = new Map<string, Line[]>()
  for (const line of lines) {
    const { attribute } = home(line.path)
    if (!isElement(line)) continue
    const have = found.get(attribute)
    if (have) have.push(line)
    else found.set(attribute, [line])
  }
  const large = [...found].filter(
    ([attribute, list]) => list.length >= MANY || leftOut(attribute, change) !== undefined,
  )
  const names = new Set(large.map(([attribute]) => attribute))
  return {
    lists: large.map(([attribute, list]) => {
      const total = totalOf(attribute, change)
      return { attribute, lines: list, total, ...counted(attribute, list, total, change) }
    }),
    rest: lines.filter((line) => !isElement(line) || !names.has(home(line.path).attribute)),
  }
}

function counted(attribute: string, lines: Line[], total: number | undefined, change?: Change) {
  const told = lines.filter((line) => line.action === 'added').length
  const all = { added: told, removed: lines.length - told, atLeast: false }
  if (!change?.more_lines) return all
  // What came or went with its resource did so whole.
  if (change.kind === 'created' && total !== undefined) return { ...all, added: total }
  const before = change.left_out?.find((list) => list.attribute === attribute)?.before
  if (change.kind === 'deleted' && before !== undefined) return { ...all, removed: before }
  return { ...all, atLeast: true }
}

function isElement(line: Line): boolean {
  return line.action !== 'changed' && /\]$/.test(line.path)
}

function leftOut(attribute: string, change?: Change): number | undefined {
  return change?.left_out?.find((list) => list.attribute === attribute)?.after
}

function totalOf(attribute: string, change?: Change): number | undefined {
  const state = change?.after as Record<string, unknown> | null | undefined
  const list = state?.[attribute]
  return leftOut(attribute, change) ?? (Array.isArray(list) ? list.length : undefined)
}
