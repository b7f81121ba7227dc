// What can be done in the directory, for keys and palette.

import type { Command } from '$lib/shell/commands'
import { strings } from '$lib/strings'

export interface Hands {
  step: (by: number) => unknown
  page: (by: number) => unknown
  first: () => unknown
  last: () => unknown
  filter: () => void
  close: () => void
  /** Turns to a tab of the detail, from 0. */
  turn: (index: number) => void
  time: () => void
  now: () => void
  edit: () => void
  create: () => void
  remove: () => void
  canEdit: () => boolean
  canCreate: () => boolean
  isOpen: () => boolean
  isPast: () => boolean
  free: (target?: Element) => boolean
}

export function commandsOf(hands: Hands): Command[] {
  const texts = strings.directory.commands
  const group = strings.directory.title
  const walk = (id: string, title: string, letter: string[], keys: string[], run: () => void): Command[] => [
    ...(letter.length > 0 ? [{ id, title, group, keys: letter, keyOnly: true, run }] : []),
    { id: `${id}.free`, title, group, keys, keyOnly: true, when: hands.free, run },
  ]
  return [
    { id: 'directory.filter', title: texts.filter, group, keys: ['/', 'Mod+f'], run: hands.filter },
    ...walk('directory.next', texts.next, ['j'], ['ArrowDown'], () => hands.step(1)),
    ...walk('directory.previous', texts.previous, ['k'], ['ArrowUp'], () => hands.step(-1)),
    ...walk('directory.down', texts.pageDown, [], ['PageDown'], () => hands.page(1)),
    ...walk('directory.up', texts.pageUp, [], ['PageUp'], () => hands.page(-1)),
    ...walk('directory.first', texts.first, [], ['Home'], hands.first),
    ...walk('directory.last', texts.last, [], ['End'], hands.last),
    { id: 'directory.close', title: texts.close, group, keys: ['Escape'], when: hands.isOpen, run: hands.close },
    ...strings.directory.commands.tabs.map((title, index) => ({
      id: `directory.tab.${index}`,
      title,
      group,
      keys: [String(index + 1)],
      when: hands.isOpen,
      run: () => hands.turn(index),
    })),
    { id: 'directory.edit', title: texts.edit, group, keys: ['e'], when: hands.canEdit, run: hands.edit },
    { id: 'directory.create', title: texts.create, group, keys: ['c'], when: hands.canCreate, run: hands.create },
    { id: 'directory.delete', title: texts.delete, group, when: hands.canEdit, run: hands.remove },
    { id: 'directory.time', title: texts.time, group, keys: ['t'], run: hands.time },
    { id: 'directory.now', title: texts.now, group, when: hands.isPast, run: hands.now },
  ]
}
