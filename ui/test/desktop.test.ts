import { describe, expect, it, vi } from 'vitest'
import { Desktop, zoomed, ZOOMS } from '$lib/desktop/desktop.svelte'
import { compose } from '$lib/desktop/menu'
import { Drops } from '$lib/drop/drops.svelte'
import type { Command } from '$lib/shell/commands'
import type { Host, HostFacts, MenuItem, Saying } from '$lib/transport/host'

const command = (id: string, more: Partial<Command> = {}): Command => ({
  id,
  title: id,
  group: '',
  run: () => {},
  ...more,
})

const standing = { busy: false, theme: 'dark', names: { 'go.live': 'Live' } }

function items(commands: Command[], more: Partial<typeof standing> = {}): MenuItem[] {
  const flat = (list: MenuItem[]): MenuItem[] =>
    list.flatMap((item) => (item.kind === 'submenu' ? flat(item.items) : [item]))
  return flat(compose(commands, { ...standing, ...more }).flatMap((menu) => menu.items))
}

const line = (list: MenuItem[], id: string) => list.find((item) => item.kind === 'command' && item.id === id)

describe('the menu of the desktop', () => {
  it('holds the commands there are, and nothing for those that there are not', () => {
    const list = items([command('go.live', { keys: ['g l'] }), command('palette', { keys: ['Mod+k'] })])
    expect(line(list, 'go.live')).toMatchObject({ label: 'Live', keys: null, checked: null, enabled: true })
    expect(line(list, 'palette')).toMatchObject({ keys: 'Mod+k', checked: null })
    expect(line(list, 'about')).toBeUndefined()
    expect(list.some((item) => item.kind === 'command' && item.label === 'Find')).toBe(false)
  })

  it('takes no key away that types something', () => {
    const list = items([command('workspace.open', { keys: ['o', 'Mod+o'] }), command('export.all', { keys: ['x'] })])
    expect(line(list, 'workspace.open')).toMatchObject({ keys: 'Mod+o' })
    expect(line(list, 'export.all')).toMatchObject({ keys: null })
  })

  it('says what cannot be done now, behind a dialog nothing of the page', () => {
    const commands = [command('about'), command('keys', { when: () => false })]
    expect(line(items(commands), 'keys')).toMatchObject({ enabled: false })
    expect(line(items(commands), 'about')).toMatchObject({ enabled: true })
    expect(line(items(commands, { busy: true }), 'about')).toMatchObject({ enabled: false })
  })

  it('finds with the filter of the screen that came last', () => {
    const list = items([
      command('live.find', { keys: ['Mod+f'] }),
      command('directory.filter', { keys: ['/', 'Mod+f'] }),
    ])
    expect(list.filter((item) => item.kind === 'command' && item.keys === 'Mod+f')).toMatchObject([
      { id: 'directory.filter', label: 'Find' },
    ])
  })

  it('has no line at the beginning or the end of a menu, and never two together', () => {
    for (const { items } of compose([], standing)) {
      const kinds = items.map(({ kind }) => kind)
      expect(kinds[0]).not.toBe('separator')
      expect(kinds.at(-1)).not.toBe('separator')
      expect(kinds.join()).not.toContain('separator,separator')
    }
  })
})

const FACTS: HostFacts = {
  platform: 'linux',
  tray: true,
  can_notify: true,
  dialogs: true,
  data_folder: '/home/ada/.local/share/scimscope',
  opens_links: false,
  made_of: [],
  on_close: 'ask',
  notifications: true,
  zoom: 1,
}

function fake(): { host: Host; say: (saying: Saying) => void } {
  let hear: (saying: Saying) => void = () => {}
  const host: Host = {
    attach: (listener) => {
      hear = listener
      return Promise.resolve(FACTS)
    },
    setMenu: () => Promise.resolve(),
    setTheme: () => Promise.resolve(),
    change: (change) => Promise.resolve({ ...FACTS, ...change }),
    hideWindow: () => Promise.resolve(),
    quit: () => Promise.resolve(),
    revealData: () => Promise.reject(new Error('No file manager could be started.')),
    chooseFile: () => Promise.resolve(null),
    readGiven: () => Promise.resolve(new ArrayBuffer(3)),
    saveFile: () => Promise.reject(new Error('not asked')),
    openLinks: () => Promise.resolve({ ...FACTS, opens_links: true }),
  }
  return { host, say: (saying) => hear(saying) }
}

describe('the desktop host', () => {
  it('is not there in a browser', async () => {
    const desktop = new Desktop(() => Promise.resolve(undefined))
    expect(await desktop.start(() => {})).toBeUndefined()
    await desktop.quit()
    expect(desktop.facts).toBeUndefined()
  })

  it('tells what it is, what changes, and what was refused', async () => {
    const { host, say } = fake()
    const desktop = new Desktop(() => Promise.resolve(host))
    const heard = vi.fn()
    await desktop.start(heard)
    expect(desktop.facts?.tray).toBe(true)
    say({ kind: 'facts', ...FACTS, tray: false })
    expect(desktop.facts?.tray).toBe(false)
    say({ kind: 'refused', why: 'no such link' })
    expect(desktop.problem).toBe('no such link')
    say({ kind: 'go', address: '#/flows/3' })
    expect(heard).toHaveBeenCalledExactlyOnceWith({ kind: 'go', address: '#/flows/3' })
  })

  it('says why something was not done', async () => {
    const { host } = fake()
    const desktop = new Desktop(() => Promise.resolve(host))
    await desktop.start(() => {})
    await desktop.reveal()
    expect(desktop.problem).toBe('No file manager could be started.')
    await desktop.openLinks()
    expect(desktop.problem).toBe('')
    expect(desktop.facts?.opens_links).toBe(true)
  })

  it('zooms in steps, to the ends and not beyond', () => {
    expect([zoomed(1, 1), zoomed(1.1, -1), zoomed(1.3, 1), zoomed(1.3, -1)]).toEqual([1.1, 1, 1.5, 1.25])
    expect(zoomed(ZOOMS.at(-1) ?? 0, 1)).toBe(ZOOMS.at(-1))
    expect(zoomed(ZOOMS[0] ?? 0, -1)).toBe(ZOOMS[0])
  })
})

describe('files that are dropped', () => {
  it('are opened by what fits, one at a time, and otherwise it is said what could be dropped', () => {
    const drops = new Drops()
    drops.take([{ name: 'cat.png' }])
    expect(drops.problem).toBe('cat.png cannot be opened by dropping it here.')
    const open = vi.fn()
    const leave = drops.register({ what: 'workspaces', fits: ({ name }) => name.endsWith('.scimscope'), open })
    drops.take([{ name: 'cat.png' }])
    expect(drops.problem).toContain('Here one can drop workspaces.')
    drops.take([{ name: 'a.scimscope', path: '/a.scimscope' }])
    expect(open).toHaveBeenCalledExactlyOnceWith({ name: 'a.scimscope', path: '/a.scimscope' })
    expect(drops.problem).toBe('')
    drops.take([{ name: 'a.scimscope' }, { name: 'b.scimscope' }])
    expect(drops.problem).toContain('one file at a time')
    leave()
    drops.take([{ name: 'a.scimscope' }])
    expect(drops.problem).not.toBe('')
  })
})
