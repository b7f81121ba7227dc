// Files that leave the page: a browser saves what a link leads to, the desktop host does it itself.

import { openHost } from '$lib/transport/host'

/** Saves what the control API answers at a path, as the server names it. Where it is, if somebody knows. */
export async function saveFile(from: string): Promise<string | undefined> {
  const host = await openHost()
  if (host) return host.saveFile(from)
  const link = document.createElement('a')
  link.href = from
  link.download = ''
  link.click()
  return undefined
}
