// The times of an exchange, cut into what came after what.

import type { Times } from '$lib/api/types'

export type Part = 'head' | 'body' | 'handling' | 'waiting' | 'sending'

export interface Stretch {
  part: Part
  from_us: number
  to_us: number
}

/** Stretches in order, without those that were not measured or took nothing. */
export function stretches(times: Times): Stretch[] {
  const ends: [Part, number | null | undefined][] = [
    ['head', times.head_read_us],
    ['body', times.body_read_us],
    ['handling', times.handled_us],
    ['waiting', times.first_byte_us],
    ['sending', times.last_byte_us],
  ]
  const found: Stretch[] = []
  let from = 0
  for (const [part, end] of ends) {
    if (end === null || end === undefined || end < from) continue
    if (end > from) found.push({ part, from_us: from, to_us: end })
    from = end
  }
  return found
}
