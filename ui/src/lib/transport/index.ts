// The one door to the server: live events and calls, whichever way they go. An event stream and calls over HTTP in the browser, a
// channel in the desktop window; in a page that is one file, answers that are in the file.

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
  /** Answers a call; over HTTP if it cannot do so itself. */
  call?: (request: Request) => Promise<Response>
}

let file: Transport | undefined

/** Has everything answered by what is in this file; to be called once, before anything asks. */
export function openFile(transport: Transport): void {
  file = transport
}

/** Whether the page is one file without a server: then it only shows. */
export function inFile(): boolean {
  return file !== undefined
}

/** Whether the page runs in the desktop window. */
export function inDesktop(): boolean {
  return '__TAURI_INTERNALS__' in window
}

/** The transport of this host; the desktop part is loaded only there. */
export async function openTransport(): Promise<Transport> {
  if (file) return file
  return inDesktop() ? (await import('./tauri')).desktop : (await import('./browser')).browser
}

/** What answers calls in the place of a server, if something does. */
export function answering(): Transport['call'] {
  return file?.call
}
