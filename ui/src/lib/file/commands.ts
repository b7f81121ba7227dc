// The commands that there are on every screen of the page that is one file, and those of screens that need a server.

import type { Command } from '$lib/shell/commands'
import { router } from '$lib/shell/router.svelte'
import { themes, THEMES } from '$lib/store/theme.svelte'
import { strings } from '$lib/strings'
import { screens } from './screens'

/** What the frame itself opens. */
export interface Frame {
  palette: () => void
  keySheet: () => void
}

export function everywhere(frame: Frame): Command[] {
  const texts = strings.shell
  return [
    ...screens.map((screen) => ({
      id: `go.${screen.id}`,
      title: texts.goTo(screen.label),
      group: texts.goGroup,
      keys: [`g ${screen.key}`],
      run: () => router.follow(screen.path),
    })),
    { id: 'palette', title: texts.palette, group: texts.group, keys: ['Mod+k'], always: true, run: frame.palette },
    { id: 'keys', title: texts.keySheet, group: texts.group, keys: ['?'], run: frame.keySheet },
    ...THEMES.map((theme) => ({
      id: `theme.${theme}`,
      title: texts.theme(strings.top.themes[theme]),
      group: texts.group,
      run: () => themes.choose(theme),
    })),
  ]
}
