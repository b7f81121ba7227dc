// Live events, whichever way they come: an event stream over HTTP in the browser, a channel in the desktop window.

import type { Batch } from '$lib/api/types'

export interface Handlers {
  /** The stream stands. */
  onOpen(): void
  onBatch(batch: Batch): void
  /** The stream ended; it has to be subscribed again, after the last position applied. */
  onLost(): void
}

/** A place in the log of a workspace. */
export interface Cursor {
  workspace: string | undefined
  pos: number
}

export interface Transport {
  /** Asks for everything after a place; one of another workspace than the open one is its beginning. The result ends the subscription; handlers are silent then. */
  subscribe(after: Cursor, handlers: Handlers): () => void
}

/** Whether the page runs in the desktop window. */
export function inDesktop(): boolean {
  return '__TAURI_INTERNALS__' in window
}

/** The transport of this host; the desktop part is loaded only there. */
export async function openTransport(): Promise<Transport> {
  return inDesktop() ? (await import('./tauri')).desktop : (await import('./browser')).browser
}
