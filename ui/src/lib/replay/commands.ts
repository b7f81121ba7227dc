// The keys that replay what is chosen in another screen.

import type { ReplaySource } from '$lib/api/replays'
import type { Command } from '$lib/shell/commands'
import { router } from '$lib/shell/router.svelte'
import { strings } from '$lib/strings'
import { draft } from './draft.svelte'

/** Opens the screen with this source; `atOnce` starts as soon as it is planned, if nobody has to be asked. */
export function replay(source: ReplaySource, atOnce = false): void {
  draft.open(source, atOnce)
  router.go('replay/new')
}

/** `r` replays at the last target, `Shift+r` lets one choose; `source` is what is chosen now, if anything is. */
export function replayCommands(group: string, source: () => ReplaySource | undefined): Command[] {
  const words = strings.replay.keys
  const start = (atOnce: boolean) => () => {
    const chosen = source()
    if (chosen) replay(chosen, atOnce)
  }
  const when = () => source() !== undefined
  return [
    { id: 'replay.here', group, title: words.replay, keys: ['r'], when, run: start(true) },
    { id: 'replay.there', group, title: words.choose, keys: ['Shift+r'], when, run: start(false) },
  ]
}
