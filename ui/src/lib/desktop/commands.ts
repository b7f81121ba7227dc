// The commands that there are in the desktop window alone.

import type { Session } from '$lib/store/session.svelte'
import { strings } from '$lib/strings'
import type { Command } from '$lib/shell/commands'
import { desktop, ZOOMS, zoomed } from './desktop.svelte'

export function desktopCommands(session: Session): Command[] {
  const texts = strings.desktop
  const zoom = () => desktop.facts?.zoom ?? 1
  const at = (id: string, title: string, keys: string[], run: () => void, when?: () => boolean): Command => ({
    id: `desktop.${id}`,
    title,
    group: texts.group,
    keys,
    always: true,
    run,
    ...(when ? { when } : {}),
  })
  return [
    at(
      'zoomIn',
      texts.zoomIn,
      ['Mod++', 'Mod+='],
      () => void desktop.zoom(1),
      () => zoomed(zoom(), 1) !== zoom(),
    ),
    at(
      'zoomOut',
      texts.zoomOut,
      ['Mod+-'],
      () => void desktop.zoom(-1),
      () => zoom() > (ZOOMS[0] ?? 0),
    ),
    at('zoomReset', texts.zoomReset, ['Mod+0'], () => void desktop.change({ zoom: 1 })),
    at('refresh', texts.refresh, ['Mod+r', 'F5'], () => void session.refresh()),
    at('reveal', texts.reveal, [], () => void desktop.reveal()),
    at('close', texts.menu.close, [], () => void desktop.hide()),
    at('quit', texts.closing.quit, [], () => void desktop.quit()),
  ]
}
