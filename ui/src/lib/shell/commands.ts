// Everything that can be done, in one list: the keys, the palette and the key sheet are made from it.
//
// A screen registers its commands while it is shown: `onMount(() => register([...]))`.

import { inFile } from '$lib/transport'

export interface Command {
  /** Unique, like `live.next`. */
  id: string
  /** What it does, as it is read in the palette and the key sheet. */
  title: string
  /** The heading under which the key sheet has it. */
  group: string
  /** Keys that start it, each as `keyName` says it, or two of them with a blank: `['j', 'ArrowDown']`, `['g l']`, `['Mod+k']`. */
  keys?: string[]
  run: () => void
  /** Whether it can be done now; `target` is where a key went to, and absent when a person chose it from a list. */
  when?: (target?: Element) => boolean
  /** Works while somebody types in a field as well. */
  always?: boolean
  /** Makes sense by key only, like moving by one row: not in the palette. */
  keyOnly?: boolean
}

/** One more line that the palette can offer for what was typed: a resource, a flow, a place. */
export interface Offer {
  id: string
  title: string
  /** What kind of thing it is, shown in small. */
  kind: string
  run: () => void
}

/** Looks for what fits a text; the signal says that nobody waits for it any more. */
export interface Provider {
  id: string
  offers: (text: string, signal: AbortSignal) => Promise<Offer[]>
}

/** How long the second key of two may take. */
const SECOND_KEY_MS = 1_200

const lists = new Set<Command[]>()
const providers = new Set<Provider>()
const watchers = new Set<() => void>()

/** Commands of screens that change something, or ask a server for what is in no file. */
const NEEDS_SERVER =
  /^(live\.(pin|note|tag|rule|remove|clear|pause|export|curl|filterBy)|flows\.(export|mark|compare)|replay.*|checks\.again)$/

/** Adds commands until the result is called. In a page without a server, those that need one are left out. */
export function register(all: Command[]): () => void {
  const commands = inFile() ? all.filter(({ id }) => !NEEDS_SERVER.test(id)) : all
  lists.add(commands)
  for (const changed of watchers) changed()
  return () => {
    lists.delete(commands)
    for (const changed of watchers) changed()
  }
}

/** Calls back whenever commands came or went. The result ends that. */
export function watch(changed: () => void): () => void {
  watchers.add(changed)
  return () => watchers.delete(changed)
}

/** Adds a source of lines for the palette until the result is called. */
export function provide(provider: Provider): () => void {
  providers.add(provider)
  return () => providers.delete(provider)
}

/** All commands there are now, in the order in which they were registered. */
export function all(): Command[] {
  return [...lists].flat()
}

/** All sources of lines for the palette. */
export function sources(): Provider[] {
  return [...providers]
}

/** The name of the key that was pressed: `j`, `Shift+x`, `?`, `Mod+k` (Ctrl or Cmd), `ArrowDown`, `Space`. */
export function keyName(event: KeyboardEvent): string {
  const letter = /^\p{L}$/u.test(event.key)
  const key = event.key === ' ' ? 'Space' : letter ? event.key.toLowerCase() : event.key
  // A character that needs AltGr is that character.
  const plain = event.getModifierState('AltGraph')
  const parts = []
  if (!plain && (event.ctrlKey || event.metaKey)) parts.push('Mod')
  if (!plain && event.altKey) parts.push('Alt')
  if (event.shiftKey && (letter || key.length > 1)) parts.push('Shift')
  return [...parts, key].join('+')
}

const mac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent)
const CAPS: Record<string, string> = {
  Mod: mac ? '⌘' : 'Ctrl',
  Alt: mac ? '⌥' : 'Alt',
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  PageDown: 'PgDn',
  PageUp: 'PgUp',
  Escape: 'Esc',
}

/** What stands on the keys: `Mod+k` is Ctrl and K, `g l` is g and l. */
export function caps(keys: string): string[] {
  return keys.split(' ').flatMap((chord) => {
    const parts = chord === '+' ? ['+'] : chord.split('+')
    return parts.map((part) => CAPS[part] ?? (parts.length > 1 && part.length === 1 ? part.toUpperCase() : part))
  })
}

/** Turns keys into commands. One for the page. */
export class Keys {
  /** The first key of two, while the second is awaited. */
  #first: string | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Starts what a key stands for, if it stands for anything here and now. */
  press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || ['Control', 'Shift', 'Alt', 'Meta'].includes(event.key)) return
    const target = event.target instanceof Element ? event.target : document.body
    // A dialog has its own keys. One that was just closed can hold the focus until the next frame; its keys are ours again.
    if (target.closest('dialog[open], [role="menu"]')) return
    const typing = target.closest('input, textarea, select, [contenteditable]') !== null
    const name = keyName(event)
    const first = this.#take()
    const fits = (keys: string) => (command: Command) =>
      command.keys?.includes(keys) && (!typing || command.always) && (command.when?.(target) ?? true)
    // What was registered last knows best: a screen may take over a key of the shell.
    const commands = all().reverse()
    const command = (first && commands.find(fits(`${first} ${name}`))) || commands.find(fits(name))
    if (command) {
      event.preventDefault()
      command.run()
    } else if (!typing && commands.some((other) => other.keys?.some((keys) => keys.startsWith(`${name} `)))) {
      event.preventDefault()
      this.#first = name
      this.#timer = setTimeout(() => this.#take(), SECOND_KEY_MS)
    }
  }

  #take(): string | undefined {
    const first = this.#first
    this.#first = undefined
    clearTimeout(this.#timer)
    return first
  }
}

/** Whether a key that moves or opens is free: where an arrow or Enter means something already, it keeps that meaning. */
export function free(target?: Element): boolean {
  return target === undefined || target === document.body || target.closest('[role="grid"], [role="treegrid"]') !== null
}
