// The commands of the live list and of the detail beside it.

import { TABS, type Tab } from '$lib/detail/DetailPane.svelte'
import { free, type Command } from '$lib/shell/commands'
import { strings } from '$lib/strings'

/** What the screen can do, and in which state it is. */
export interface Doings {
  step: (by: number) => void
  page: (by: number) => void
  extend: (by: number) => void
  first: () => void
  newest: () => void
  flow: (by: number) => void
  /** Opens or closes the flow at the line that is pointed at; false if there is none to. */
  fold: (open: boolean) => boolean
  open: () => void
  /** Closes or lets go of one thing: the comparison, the detail, what is chosen. */
  back: () => void
  tab: (tab: Tab) => void
  turn: (by: number) => void
  raw: () => void
  curl: () => void
  filter: () => void
  filterBySelected: () => void
  clearFilter: () => void
  pause: () => void
  probes: () => void
  grouped: () => void
  columns: () => void
  pin: () => void
  note: () => void
  tag: () => void
  compare: () => void
  rule: () => void
  remove: () => void
  clear: () => void
  hasRows: () => boolean
  isSelected: () => boolean
  isOpen: () => boolean
  canBack: () => boolean
  canFold: (open: boolean) => boolean
  canCompare: () => boolean
  canCurl: () => boolean
  isGrouped: () => boolean
  isFiltered: () => boolean
}

export function liveCommands(doings: Doings): Command[] {
  const words = strings.liveKeys
  const inList = { group: words.list }
  const moving = { group: words.list, keyOnly: true }
  const inDetail = { group: words.detail }
  const { isSelected, isOpen } = doings
  const some = (target?: Element) => free(target) && doings.hasRows()
  const at = (id: string, title: string, keys: string[], run: () => void, when?: Command['when']): Command => ({
    id: `live.${id}`,
    title,
    keys,
    run,
    group: '',
    ...(when ? { when } : {}),
  })
  return [
    { ...at('filter', words.filter, ['/'], doings.filter), ...inList },
    { ...at('find', words.filter, ['Mod+f'], doings.filter), ...moving, always: true },
    { ...at('filterBy', words.filterBy, ['f'], doings.filterBySelected, isSelected), ...inList },
    { ...at('clearFilter', words.clearFilter, [], doings.clearFilter, doings.isFiltered), ...inList },
    { ...at('next', words.next, ['j'], () => doings.step(1)), ...moving },
    { ...at('down', words.next, ['ArrowDown'], () => doings.step(1), free), ...moving },
    { ...at('previous', words.previous, ['k'], () => doings.step(-1)), ...moving },
    { ...at('up', words.previous, ['ArrowUp'], () => doings.step(-1), free), ...moving },
    { ...at('extendDown', words.extend, ['Shift+j', 'Shift+ArrowDown'], () => doings.extend(1)), ...moving },
    { ...at('extendUp', words.extendUp, ['Shift+k', 'Shift+ArrowUp'], () => doings.extend(-1)), ...moving },
    { ...at('pageDown', words.pageDown, ['PageDown'], () => doings.page(1), free), ...moving },
    { ...at('pageUp', words.pageUp, ['PageUp'], () => doings.page(-1), free), ...moving },
    { ...at('first', words.first, ['Home'], doings.first, some), ...inList },
    { ...at('newest', words.newest, ['End'], doings.newest, some), ...inList },
    { ...at('flowBefore', words.flowBefore, ['['], () => doings.flow(-1)), ...moving },
    { ...at('flowAfter', words.flowAfter, [']'], () => doings.flow(1)), ...moving },
    { ...at('grouped', words.grouped, ['v'], doings.grouped), ...inList },
    { ...at('columns', strings.columns.choose, ['Shift+c'], doings.columns), ...inList },
    { ...at('probes', words.probes, [], doings.probes), ...inList },
    {
      ...at(
        'pause',
        words.pause,
        ['Space'],
        doings.pause,
        (target) => !target || target.closest('[role="grid"], [role="treegrid"]') !== null,
      ),
      ...inList,
    },
    { ...at('pin', words.pin, ['p'], doings.pin, isSelected), ...inList },
    { ...at('note', words.note, ['n'], doings.note, isSelected), ...inList },
    { ...at('tag', words.tag, ['t'], doings.tag, isSelected), ...inList },
    { ...at('compare', words.compare, ['d'], doings.compare, doings.canCompare), ...inList },
    { ...at('rule', strings.faults.fromRow, ['m'], doings.rule, isSelected), ...inList },
    { ...at('remove', strings.removals.remove, ['Mod+Backspace'], doings.remove, isSelected), ...inList },
    { ...at('clear', strings.removals.clear, ['Mod+Shift+Backspace'], doings.clear, doings.hasRows), ...inList },
    { ...at('open', words.open, ['Enter'], doings.open, (target) => free(target) && isSelected()), ...moving },
    { ...at('back', words.close, ['Escape'], doings.back, doings.canBack), ...inDetail },
    ...TABS.map((name, index) => ({
      ...at(
        `tab.${name}`,
        words.tab(strings.detail.tabs[name]),
        [String(index + 1)],
        () => doings.tab(name),
        isSelected,
      ),
      ...inDetail,
    })),
    {
      ...at(
        'fold',
        words.fold,
        ['ArrowLeft'],
        () => void doings.fold(false),
        (target) => free(target) && doings.canFold(false),
      ),
      ...moving,
    },
    {
      ...at(
        'unfold',
        words.unfold,
        ['ArrowRight'],
        () => void doings.fold(true),
        (target) => free(target) && doings.canFold(true),
      ),
      ...moving,
    },
    { ...at('tabBefore', words.tabBefore, ['h'], () => doings.turn(-1), isOpen), ...inDetail, keyOnly: true },
    { ...at('tabAfter', words.tabAfter, ['l'], () => doings.turn(1), isOpen), ...inDetail, keyOnly: true },
    {
      ...at(
        'left',
        words.tabBefore,
        ['ArrowLeft'],
        () => doings.turn(-1),
        (target) => free(target) && isOpen() && !doings.canFold(false),
      ),
      ...inDetail,
      keyOnly: true,
    },
    {
      ...at(
        'right',
        words.tabAfter,
        ['ArrowRight'],
        () => doings.turn(1),
        (target) => free(target) && isOpen() && !doings.canFold(true),
      ),
      ...inDetail,
      keyOnly: true,
    },
    { ...at('raw', words.raw, ['b'], doings.raw), ...inDetail },
    { ...at('curl', words.curl, ['Shift+x'], doings.curl, doings.canCurl), ...inDetail },
  ]
}
