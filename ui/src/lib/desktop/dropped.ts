// Files that were dropped on the desktop window. The engine does not get them: the host does, which knows where they are. A part of a
// screen that takes files gets them as in a browser; what no screen takes is opened by its place.

import { drops } from '$lib/drop/drops.svelte'
import { desktop } from './desktop.svelte'

/** Gives dropped files to what is at a place of the window, or to the page. */
export async function dropped(paths: string[], [x, y]: [number, number]): Promise<void> {
  const zoom = desktop.facts?.zoom ?? 1
  const target = document.elementFromPoint(x / zoom, y / zoom) ?? document.body
  if (!takes(target, paths)) {
    drops.take(paths.map((path) => ({ name: nameOf(path), path })))
    return
  }
  const files: File[] = []
  for (const path of paths) {
    const bytes = await desktop.readGiven(path)
    if (!bytes) return
    files.push(new File([bytes], nameOf(path)))
  }
  target.dispatchEvent(event('drop', files))
}

/** Whether a part of a screen says that it takes files, as it does in a browser. */
function takes(target: Element, paths: string[]): boolean {
  const over = event(
    'dragover',
    paths.map((path) => new File([], nameOf(path))),
  )
  let taken = false
  // The page itself takes everything, but at the window, which comes after the document.
  const look = () => (taken = over.defaultPrevented)
  document.addEventListener('dragover', look, { once: true })
  target.dispatchEvent(over)
  document.removeEventListener('dragover', look)
  return taken
}

function event(type: string, files: File[]): DragEvent {
  const data = new DataTransfer()
  for (const file of files) data.items.add(file)
  return new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data })
}

function nameOf(path: string): string {
  return path.split(/[\\/]/).pop() ?? path
}
