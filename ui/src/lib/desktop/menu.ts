// The menu of the desktop window, made from the same commands as the palette and the key sheet.

import type { Command } from '$lib/shell/commands'
import { strings } from '$lib/strings'
import type { Menu, MenuItem, Role } from '$lib/transport/host'

/** What the menu shows besides the commands. */
export interface Standing {
  /** Whether a dialog is open: what is behind it cannot be used. */
  busy: boolean
  /** The screen in sight. */
  screen: string | undefined
  theme: string
}

/** Puts the commands there are into menus. What there is no command for is left out. */
export function compose(commands: Command[], { busy, screen, theme }: Standing): Menu[] {
  const texts = strings.desktop.menu
  // What was registered last knows best, as with keys.
  const byId = new Map(commands.map((command) => [command.id, command]))
  const starting = (prefix: string) => commands.filter(({ id, keyOnly }) => id.startsWith(prefix) && !keyOnly)
  const item = (command: Command, more: { label?: string; keys?: string; checked?: boolean } = {}): MenuItem => ({
    kind: 'command',
    id: command.id,
    label: more.label ?? command.title,
    keys: more.keys ?? command.keys?.find(isAccelerator) ?? null,
    enabled: !busy && (command.when?.() ?? true),
    checked: more.checked ?? null,
  })
  const one = (id: string, more?: { label?: string; keys?: string }) => {
    const command = byId.get(id)
    return command ? [item(command, more)] : []
  }
  const recent = commands.filter(({ id }) => id.startsWith('recent.')).map((command) => item(command))
  const find = commands.findLast((command) => command.keys?.includes('Mod+f'))
  return [
    {
      label: texts.file,
      items: joined(
        [
          ...starting('workspace.').map((command) => item(command)),
          ...(recent.length > 0 ? [{ kind: 'submenu' as const, label: texts.recent, items: recent }] : []),
        ],
        starting('export.').map((command) => item(command)),
        one('desktop.reveal'),
        [role('close', texts.close), role('quit', texts.quit)],
      ),
    },
    {
      label: texts.edit,
      items: joined(
        [role('undo', texts.undo), role('redo', texts.redo)],
        [
          role('cut', texts.cut),
          role('copy', texts.copy),
          role('paste', texts.paste),
          role('select-all', texts.selectAll),
        ],
        find ? [item(find, { label: texts.find, keys: 'Mod+f' })] : [],
      ),
    },
    {
      label: texts.view,
      items: joined(
        starting('go.').map((command) => item(command, { checked: command.id === `go.${screen}` })),
        [
          {
            kind: 'submenu' as const,
            label: texts.theme,
            items: starting('theme.').map((command) => item(command, { checked: command.id === `theme.${theme}` })),
          },
        ],
        one('desktop.zoomIn', { keys: 'Mod+=' }),
        one('desktop.zoomOut'),
        one('desktop.zoomReset'),
      ),
    },
    { label: texts.window, items: [role('minimize', texts.minimize), role('fullscreen', texts.fullscreen)] },
    { label: texts.help, items: joined(one('keys', { keys: 'F1' }), one('palette'), one('welcome'), one('about')) },
  ]
}

/** A key that a menu may take away from the page: one that types nothing. */
function isAccelerator(keys: string): boolean {
  return (keys.startsWith('Mod+') || /^F\d+$/.test(keys)) && !keys.includes(' ')
}

function role(name: Role, label: string): MenuItem {
  return { kind: 'role', role: name, label }
}

/** Groups with a line between them; empty ones are left out. */
function joined(...groups: MenuItem[][]): MenuItem[] {
  return groups
    .filter((group) => group.length > 0)
    .flatMap((group, index) => (index === 0 ? group : [{ kind: 'separator' as const }, ...group]))
}
