// The desktop host, seen from the page: what it announces, what it says, what it can be asked. In a browser there is none.

import { inDesktop } from './index'

/** What closing the window does. */
export type OnClose = 'ask' | 'keep' | 'quit'

/** What the host announces of itself. */
export interface HostFacts {
  platform: string
  /** Whether a tray shows our icon. */
  tray: boolean
  can_notify: boolean
  /** Whether the host asks for files with the desktop's dialogs. */
  dialogs: boolean
  data_folder: string
  /** Whether links that begin with `scimscope:` are opened with this program. */
  opens_links: boolean
  /** Names and versions of what the window is made of. */
  made_of: [string, string][]
  on_close: OnClose
  notifications: boolean
  /** 1 is as it was made. */
  zoom: number
}

/** What the host says to the page. */
export type Saying =
  | { kind: 'go'; address: string }
  | { kind: 'command'; id: string }
  | { kind: 'closing' }
  | { kind: 'dragging'; over: boolean }
  /** Files to open; `at` is where they were dropped, in pixels of the window. */
  | { kind: 'given'; paths: string[]; at: [number, number] | null }
  | { kind: 'refused'; why: string }
  | ({ kind: 'facts' } & HostFacts)

/** What the host itself does when it is chosen in the menu. */
export type Role =
  'undo' | 'redo' | 'cut' | 'copy' | 'paste' | 'select-all' | 'minimize' | 'fullscreen' | 'close' | 'quit'

export type MenuItem =
  | { kind: 'command'; id: string; label: string; keys: string | null; enabled: boolean; checked: boolean | null }
  | { kind: 'role'; role: Role; label: string }
  | { kind: 'submenu'; label: string; items: MenuItem[] }
  | { kind: 'separator' }

export interface Menu {
  label: string
  items: MenuItem[]
}

/** Changes of the app's settings; what is absent stays. */
export type HostChange = Partial<Pick<HostFacts, 'on_close' | 'notifications' | 'zoom'>>

/** What to ask for in a file dialog. */
export interface Asking {
  save: boolean
  title: string
  deed: string
  cancel: string
  /** What kind of file it is. */
  kind: string
  extension: string
  /** A name to begin with. */
  suggestion: string | null
}

export interface Host {
  /** Listens to what the host says from now on, and to what it said before. */
  attach(hear: (saying: Saying) => void): Promise<HostFacts>
  setMenu(menus: Menu[]): Promise<void>
  /** Draws menu and frame light or dark; `null` follows the system. */
  setTheme(theme: 'light' | 'dark' | null): Promise<void>
  change(change: HostChange): Promise<HostFacts>
  /** Takes the window away; the server goes on. */
  hideWindow(): Promise<void>
  /** Ends everything. */
  quit(): Promise<void>
  revealData(): Promise<void>
  /** Asks for a file with the desktop's dialog; nothing if the person does not want to any more. */
  chooseFile(asking: Asking): Promise<string | null>
  /** The bytes of a file that was dropped. */
  readGiven(path: string): Promise<ArrayBuffer>
  /** Saves what the control API answers at a path with the downloads; the result is where. */
  saveFile(from: string): Promise<string>
  /** Has links that begin with `scimscope:` opened with this program. */
  openLinks(): Promise<HostFacts>
}

/** The desktop host, if the page runs in its window. */
export async function openHost(): Promise<Host | undefined> {
  return inDesktop() ? (await import('./tauri')).host : undefined
}
