// The address of the live screen: it names the filter, the exchange that is shown and the tab, so that a link from another
// screen leads to it; and it follows what is shown.

import { onDestroy, untrack } from 'svelte'
import { TABS, type Tab } from '$lib/detail/DetailPane.svelte'
import { router } from '$lib/shell/router.svelte'

/** The address follows the selection when it has stayed for so long; browsers count how often it changes. */
const ADDRESS_MS = 250

export interface Place {
  /** The filter in force. */
  query: () => string
  /** The exchange that is shown, or would be. */
  shown: () => number | undefined
  /** The tab, if the detail is open. */
  tab: () => Tab | undefined
  show: (seq: number, tab: Tab | undefined) => void
  filter: (text: string) => void
}

/** Keeps both the same while the component that calls this is there. */
export function keepAddress(place: Place): void {
  let asked = ''
  $effect(() => {
    const wanted = router.query.get('seq') ?? ''
    const at = TABS.find((name) => name === router.query.get('tab'))
    if (`${wanted} ${at}` === asked) return
    asked = `${wanted} ${at}`
    const seq = Number(wanted)
    if (Number.isInteger(seq) && seq > 0) untrack(() => place.show(seq, at))
  })
  let askedText: string | undefined
  $effect(() => {
    const wanted = router.query.get('q') ?? ''
    if (wanted === askedText) return
    askedText = wanted
    untrack(() => place.filter(wanted))
  })
  // Walking through the list is no step that "back" would have to undo row by row.
  let writing: ReturnType<typeof setTimeout> | undefined
  $effect(() => {
    const shown = place.shown()
    const seq = shown === undefined ? undefined : String(shown)
    const values = { q: place.query() || undefined, seq, tab: place.tab() }
    if (seq === undefined && values.q === (untrack(() => router.query.get('q')) ?? undefined)) return
    clearTimeout(writing)
    writing = setTimeout(() => {
      asked = `${values.seq ?? ''} ${values.tab}`
      askedText = values.q ?? ''
      router.set(values, 'live')
    }, ADDRESS_MS)
  })
  onDestroy(() => clearTimeout(writing))
}
