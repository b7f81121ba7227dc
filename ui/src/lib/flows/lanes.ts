// Where the arrows of a flow run: each value that travels gets a track of its own as far as it has to.

import type { FlowLink } from '$lib/api/types'

export interface Arrow {
  link: FlowLink
  /** Index of the step whose response has the value, and of the one whose request uses it. */
  from: number
  to: number
  /** Which track it runs in, from 0. */
  track: number
}

/** Most arrows that are drawn; all are in the table. */
const MOST = 60

/** Arrows in tracks so that none runs over another one. */
export function arrows(links: FlowLink[], seqs: number[]): Arrow[] {
  const places = new Map(seqs.map((seq, index) => [seq, index]))
  const found: Omit<Arrow, 'track'>[] = []
  for (const link of links) {
    const [from, to] = [places.get(link.from), places.get(link.to)]
    if (from !== undefined && to !== undefined && to > from) found.push({ link, from, to })
  }
  found.sort((left, right) => left.to - left.from - (right.to - right.from) || left.from - right.from)
  const tracks: [number, number][][] = []
  return found.slice(0, MOST).map((arrow) => {
    let track = tracks.findIndex((taken) => taken.every(([from, to]) => arrow.to <= from || arrow.from >= to))
    if (track < 0) track = tracks.push([]) - 1
    tracks[track]?.push([arrow.from, arrow.to])
    return { ...arrow, track }
  })
}
