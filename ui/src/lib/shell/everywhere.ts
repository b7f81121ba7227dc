// The commands that there are on every screen.

import { SAMPLE_TAG } from '$lib/store/removals.svelte'
import type { Session } from '$lib/store/session.svelte'
import { themes, THEMES } from '$lib/store/theme.svelte'
import { strings } from '$lib/strings'
import { inDesktop } from '$lib/transport'
import { seedCommands } from '$lib/seed/commands'
import { sections } from '$lib/settings/sections'
import { transfers } from '$lib/transfer/transfer.svelte'
import { announcer } from '$lib/ui/announce.svelte'
import { copyText } from '$lib/ui/clipboard'
import { desk, download } from '$lib/workspace/desk.svelte'
import { fileName, isPassing } from '$lib/workspace/name'
import type { Command, Offer, Provider } from './commands'
import { router } from './router.svelte'
import { screens } from './screens'

/** What the frame itself opens. */
export interface Frame {
  palette: () => void
  keySheet: () => void
  about: () => void
  /** Calls the newest removal off. */
  undo: () => void
}

/** Commands for the workspace. */
export function workspaceCommands(session: Session): Command[] {
  const texts = strings.workspace
  const group = texts.group
  const temporary = () => session.status !== undefined && isPassing(session.status.workspace)
  return [
    { id: 'workspace.save', title: texts.saveAs, group, when: temporary, run: () => void desk.saveAs(session) },
    {
      id: 'workspace.copy',
      title: texts.saveCopy,
      group,
      when: () => !temporary(),
      run: () => void desk.saveAs(session),
    },
    { id: 'workspace.download', title: texts.download, group, when: () => !inDesktop(), run: download },
    { id: 'workspace.open', title: texts.open, group, run: () => void desk.open(session) },
    { id: 'workspace.new', title: texts.create, group, run: () => void desk.create(session) },
    {
      id: 'workspace.temporary',
      title: texts.createTemporary,
      group,
      run: () => void desk.createTemporary(session),
    },
  ]
}

/** Recent workspaces for the palette: all that are there for "recent", else those whose name fits. */
export function recentWorkspaces(session: Session): Provider {
  const texts = strings.workspace
  return {
    id: 'workspaces',
    offers: async (text): Promise<Offer[]> => {
      const wanted = text.trim().toLowerCase()
      if (wanted.length < 2) return []
      await desk.loadRecent()
      const there = desk.recent.filter((entry) => !entry.open && !entry.missing)
      const fits = there.filter((entry) => texts.recent(fileName(entry.path)).toLowerCase().includes(wanted))
      return fits.map((entry) => ({
        id: `workspace:${entry.path}`,
        title: texts.recent(fileName(entry.path)),
        kind: texts.recentTitle,
        run: () => void desk.openKnown(session, entry.path),
      }))
    },
  }
}

/** Commands for going places, for the frame and for the connection. */
export function everywhere(session: Session, frame: Frame): Command[] {
  const texts = strings.shell
  const copy = (text: string | undefined) => async () => {
    if (text !== undefined) announcer.say((await copyText(text)) ? strings.copied : strings.copyFailed)
  }
  const isConnected = () => session.connection !== undefined
  return [
    ...screens.map((screen) => ({
      id: `go.${screen.id}`,
      title: texts.goTo(screen.label),
      group: texts.goGroup,
      keys: [`g ${screen.key}`, ...(screen.id === 'settings' ? ['Mod+,'] : [])],
      always: false,
      run: () => router.follow(screen.path),
    })),
    ...sections.map((section) => ({
      id: `settings.${section.path}`,
      title: strings.settings.goTo(section.label),
      group: texts.goGroup,
      run: () => router.go(`settings/${section.path}`),
    })),
    ...seedCommands(),
    { id: 'palette', title: texts.palette, group: texts.group, keys: ['Mod+k'], always: true, run: frame.palette },
    { id: 'keys', title: texts.keySheet, group: texts.group, keys: ['?'], run: frame.keySheet },
    {
      id: 'keys.help',
      title: texts.keySheet,
      group: texts.group,
      keys: ['F1'],
      always: true,
      keyOnly: true,
      run: frame.keySheet,
    },
    {
      id: 'undo',
      title: strings.removals.undoLong,
      group: texts.group,
      keys: ['Mod+z'],
      when: () => session.removals.newest !== undefined,
      run: frame.undo,
    },
    {
      id: 'remove.sample',
      title: strings.removals.removeSampleLong,
      group: texts.group,
      when: () => session.live.head > 0,
      run: () => void session.removals.remove({ tag: SAMPLE_TAG }),
    },
    {
      id: 'welcome',
      title: texts.welcome,
      group: texts.group,
      run: () => router.go('live', { welcome: 'again' }),
    },
    {
      id: 'server.pause',
      title: texts.pause,
      group: texts.group,
      when: () => session.status?.scim.paused === false,
      run: () => void session.pause(true),
    },
    {
      id: 'server.resume',
      title: texts.resume,
      group: texts.group,
      when: () => session.status?.scim.paused === true,
      run: () => void session.pause(false),
    },
    { id: 'about', title: texts.about, group: texts.group, run: frame.about },
    {
      id: 'copy.url',
      title: texts.copyUrl,
      group: texts.group,
      keys: ['u'],
      when: isConnected,
      run: () => void copy(session.connection?.scim_url)(),
    },
    {
      id: 'copy.token',
      title: texts.copyToken,
      group: texts.group,
      when: isConnected,
      run: () => void copy(session.connection?.token)(),
    },
    ...workspaceCommands(session),
    {
      id: 'export',
      title: strings.transfer.export,
      group: strings.transfer.group,
      keys: ['x'],
      run: () => transfers.export(),
    },
    {
      id: 'import',
      title: strings.transfer.import,
      group: strings.transfer.group,
      keys: ['Mod+Shift+o'],
      run: () => transfers.choose(),
    },
    ...THEMES.map((theme) => ({
      id: `theme.${theme}`,
      title: texts.theme(strings.top.themes[theme]),
      group: texts.group,
      run: () => themes.choose(theme),
    })),
  ]
}
