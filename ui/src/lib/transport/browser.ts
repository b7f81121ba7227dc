import type { Batch } from '$lib/api/types'
import type { Transport } from './index'

/** Events over HTTP. The session cookie goes along by itself. */
export const browser: Transport = {
  subscribe(after, handlers) {
    const place = new URLSearchParams({ after: String(after.pos) })
    if (after.workspace !== undefined) place.set('workspace', after.workspace)
    const source = new EventSource(`/api/v1/events?${place}`)
    source.addEventListener('open', () => handlers.onOpen())
    source.addEventListener('batch', (event) =>
      handlers.onBatch(JSON.parse((event as MessageEvent<string>).data) as Batch),
    )
    source.addEventListener('error', () => {
      // The engine would retry on its own, but neither shows when nor says why; the page does both.
      source.close()
      handlers.onLost()
    })
    return () => source.close()
  },
}
