// What arrived is told in one sentence, at most every few seconds, and never takes the focus.

import type { Live } from '$lib/store/live.svelte'
import { strings } from '$lib/strings'
import { announcer } from '$lib/ui/announce.svelte'

const ANNOUNCE_MS = 5_000

/** Tells until the result is called. */
export function tellArrivals(live: Live): () => void {
  let rows = new Set<number>()
  let errors = new Set<number>()
  let told = live.head
  const end = live.onArrival(({ items }) => {
    for (const item of items) {
      if (item.seq <= told) continue
      rows.add(item.seq)
      if (item.verdict === 'refused' || item.verdict === 'failed' || item.verdict === 'broken') errors.add(item.seq)
    }
  })
  const timer = setInterval(() => {
    if (rows.size === 0) return
    announcer.say(strings.list.announced(rows.size, errors.size))
    // Not as arguments of one call: while the page is hidden, a minute of them comes at once.
    for (const seq of rows) told = Math.max(told, seq)
    rows = new Set()
    errors = new Set()
  }, ANNOUNCE_MS)
  return () => {
    end()
    clearInterval(timer)
  }
}
