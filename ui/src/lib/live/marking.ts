// Pins, notes and tags put on exchanges from the list.

import type { Api } from '$lib/api/api'
import type { MarksChange } from '$lib/api/types'
import { strings } from '$lib/strings'
import { announcer } from '$lib/ui/announce.svelte'

/** Puts marks on exchanges and says so; what is wrong is said too. */
export async function putMarks(
  api: Pick<Api, 'mark'>,
  seqs: number[],
  change: Omit<MarksChange, 'seqs'>,
): Promise<void> {
  if (seqs.length === 0) return
  try {
    await api.mark({ seqs, ...change })
    if (change.pinned !== undefined && change.pinned !== null)
      announcer.say((change.pinned ? strings.marks.pinnedSay : strings.marks.unpinnedSay)(seqs.length))
  } catch (error) {
    announcer.say(strings.marks.failed(error instanceof Error ? error.message : String(error)))
  }
}
