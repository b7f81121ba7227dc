import { fireEvent, render, screen, within } from '@testing-library/svelte'
import { tick } from 'svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import KeySheet from '$lib/shell/KeySheet.svelte'
import Palette from '$lib/shell/Palette.svelte'
import { caps, keyName, Keys, provide, register, type Command } from '$lib/shell/commands'
import { fit } from '$lib/shell/fuzzy'
import { address, Router, segment } from '$lib/shell/router.svelte'
import { screenAt, screens } from '$lib/shell/screens'
import { strings } from '$lib/strings'
import { pseudo } from '$lib/strings/pseudo'

const ends: (() => void)[] = []
afterEach(() => ends.splice(0).forEach((end) => end()))

function have(...commands: Partial<Command>[]) {
  ends.push(
    register(
      commands.map((command, index) => ({ id: `c${index}`, title: 'Do', group: 'All', run: () => {}, ...command })),
    ),
  )
}

function press(keys: Keys, key: string, init: KeyboardEventInit = {}, target: Element = document.body): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init })
  target.addEventListener('keydown', (event) => keys.press(event as KeyboardEvent), { once: true })
  target.dispatchEvent(event)
  return event
}

function field(): HTMLInputElement {
  const input = document.createElement('input')
  document.body.append(input)
  ends.push(() => input.remove())
  return input
}

describe('the address', () => {
  beforeEach(() => window.history.replaceState(null, '', '/'))

  it('is a path and a query behind the hash', () => {
    window.history.replaceState(null, '', '/#/directory/default/User/a%2Fb?at=120')
    const router = new Router()
    ends.push(router.start())
    expect(router.path).toEqual(['directory', 'default', 'User', 'a/b'])
    expect(router.query.get('at')).toBe('120')
  })

  it('is at home where there is no path, and where there is a token in its place', () => {
    for (const hash of ['', '#', '#token=abc', '#/']) {
      window.history.replaceState(null, '', `/${hash}`)
      const router = new Router()
      ends.push(router.start())
      expect(router.path).toEqual([])
      expect(screenAt(router.path)?.id).toBe('live')
    }
  })

  it('leaves out what has no value, and keeps data in one part', () => {
    expect(address('live', { q: 'status:>=400 a&b', seq: undefined, tab: '' })).toBe(
      '#/live?q=status%3A%3E%3D400+a%26b',
    )
    expect(address(`directory/${segment('a/b c')}`)).toBe('#/directory/a%2Fb%20c')
  })

  it('survives escapes that are broken', () => {
    window.history.replaceState(null, '', '/#/live/%E0%A4%A')
    const router = new Router()
    ends.push(router.start())
    expect(router.path).toEqual(['live', '%E0%A4%A'])
  })

  it('leads back to where a screen was left, and to its beginning from itself', () => {
    const router = new Router()
    ends.push(router.start())
    router.go('live', { seq: '7' })
    router.go('settings/appearance')
    expect(router.lastOf('live')).toBe('#/live?seq=7')
    router.follow('live')
    expect(window.location.hash).toBe('#/live?seq=7')
    router.follow('live')
    expect(window.location.hash).toBe('#/live')
  })

  it('changes some values of the query without a step back', () => {
    const router = new Router()
    ends.push(router.start())
    router.go('live', { seq: '7', q: 'op:patch' })
    const steps = window.history.length
    router.set({ seq: '8', q: undefined })
    expect(window.location.hash).toBe('#/live?seq=8')
    expect(window.history.length).toBe(steps)
  })

  it('knows when there is no such screen', () => {
    expect(screenAt(['nowhere'])).toBeUndefined()
  })

  it('has a path and a key of its own for each screen', () => {
    for (const of of ['id', 'path', 'key'] as const)
      expect(new Set(screens.map((screen) => screen[of])).size).toBe(screens.length)
  })
})

describe('keys', () => {
  it('are named by what they write', () => {
    const name = (key: string, init: KeyboardEventInit = {}) => keyName(new KeyboardEvent('keydown', { key, ...init }))
    expect(name('j')).toBe('j')
    expect(name('X', { shiftKey: true })).toBe('Shift+x')
    expect(name('?', { shiftKey: true })).toBe('?')
    expect(name('k', { ctrlKey: true })).toBe('Mod+k')
    expect(name('k', { metaKey: true })).toBe('Mod+k')
    expect(name('ArrowDown', { shiftKey: true })).toBe('Shift+ArrowDown')
    expect(name(' ')).toBe('Space')
    expect(caps('Mod+k')).toEqual(['Ctrl', 'K'])
    expect(caps('g l')).toEqual(['g', 'l'])
  })

  it('start a command, alone or one after the other', () => {
    const run = vi.fn()
    const go = vi.fn()
    have({ keys: ['l'], run }, { keys: ['g l'], run: go })
    const keys = new Keys()
    press(keys, 'l')
    expect([run.mock.calls.length, go.mock.calls.length]).toEqual([1, 0])
    expect(press(keys, 'g').defaultPrevented).toBe(true)
    press(keys, 'l')
    expect([run.mock.calls.length, go.mock.calls.length]).toEqual([1, 1])
    press(keys, 'g')
    press(keys, 'x')
    press(keys, 'l')
    expect([run.mock.calls.length, go.mock.calls.length]).toEqual([2, 1])
  })

  it('wait a moment for the second', () => {
    vi.useFakeTimers()
    const go = vi.fn()
    have({ keys: ['g l'], run: go })
    const keys = new Keys()
    press(keys, 'g')
    vi.advanceTimersByTime(5_000)
    press(keys, 'l')
    expect(go).not.toHaveBeenCalled()
    vi.useRealTimers()
  })

  it('write where somebody types, except those that are for everywhere', () => {
    const run = vi.fn()
    const always = vi.fn()
    have({ keys: ['j'], run }, { keys: ['Mod+k'], always: true, run: always })
    const input = field()
    expect(press(new Keys(), 'j', {}, input).defaultPrevented).toBe(false)
    press(new Keys(), 'k', { ctrlKey: true }, input)
    expect(run).not.toHaveBeenCalled()
    expect(always).toHaveBeenCalledOnce()
  })

  it('do nothing when a command cannot be done', () => {
    const run = vi.fn()
    have({ keys: ['j'], run, when: () => false })
    expect(press(new Keys(), 'j').defaultPrevented).toBe(false)
    expect(run).not.toHaveBeenCalled()
  })

  it('belong to the screen that registered last', () => {
    const [first, second] = [vi.fn(), vi.fn()]
    have({ keys: ['u'], run: first })
    have({ keys: ['u'], run: second })
    press(new Keys(), 'u')
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1])
  })
})

describe('finding by a few letters', () => {
  it('takes letters in their order only', () => {
    expect(fit('Go to Live', 'gl')?.places).toEqual([0, 6])
    expect(fit('Go to Live', 'lg')).toBeUndefined()
    expect(fit('Go to Live', 'to live')?.places).toEqual([3, 4, 5, 6, 7, 8, 9])
  })

  it('prefers the beginnings of words', () => {
    const score = (text: string) => fit(text, 'set')?.score ?? 0
    expect(score('Settings')).toBeGreaterThan(score('Reset tenant'))
    expect(score('Reset tenant')).toBeGreaterThan(score('Show the first'))
  })
})

describe('the palette and the key sheet', () => {
  it('offer commands, places that were found, and run what was chosen', async () => {
    const run = vi.fn()
    const open = vi.fn()
    have(
      { id: 'a', title: 'Go to Live', keys: ['g l'] },
      { id: 'b', title: 'Copy the address', run },
      { id: 'c', title: 'Not now', when: () => false },
      { id: 'd', title: 'Next row', keyOnly: true, keys: ['j'] },
    )
    ends.push(
      provide({ id: 'p', offers: async (text) => [{ id: 'ada', title: `User ${text}`, kind: 'User', run: open }] }),
    )
    const { component } = render(Palette)
    component.open()
    const box = await screen.findByRole('combobox')
    const options = () => screen.getAllByRole('option').map((option) => option.textContent.replace(/\s+/g, ' ').trim())
    expect(options()).toHaveLength(2)
    await fireEvent.input(box, { target: { value: 'cop' } })
    expect(options()[0]).toContain('Copy the address')
    await vi.waitFor(() => expect(options().at(-1)).toContain('User cop'))
    await fireEvent.keyDown(box, { key: 'Enter' })
    expect(run).toHaveBeenCalledOnce()
    component.open()
    await tick()
    await fireEvent.input(box, { target: { value: 'zz' } })
    await vi.waitFor(() => expect(options()).toEqual(['User zz User']))
    await fireEvent.keyDown(box, { key: 'Enter' })
    expect(open).toHaveBeenCalledOnce()
  })

  it('show every key once, with all that do the same', async () => {
    have(
      { id: 'a', title: 'Next', keys: ['j'] },
      { id: 'b', title: 'Next', keys: ['ArrowDown'] },
      { id: 'c', title: 'No key' },
    )
    const { component } = render(KeySheet)
    component.toggle()
    const dialog = await screen.findByRole('dialog')
    await vi.waitFor(() => expect(within(dialog).getByText('Next').nextElementSibling?.textContent).toBe('j↓'))
    expect(within(dialog).queryByText('No key')).toBeNull()
  })
})

describe('the pseudo-locale', () => {
  it('transforms every text, and only texts', () => {
    const made = pseudo({ title: 'Open', count: (value: number) => `${value} rows`, glyph: '+', list: ['One'] })
    expect(made.title).toMatch(/^\[Öþéñ·+\]$/)
    expect(made.count(3)).toContain('3 ŕöŵš')
    expect(made.glyph).toBe('+')
    expect(made.list[0]).toContain('Öñé')
  })

  it('is English unless it was chosen', () => {
    expect(strings.copy).toBe('Copy')
  })
})
