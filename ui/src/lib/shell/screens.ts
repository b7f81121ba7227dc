// The screens of the page. A new one is a component and a line here; rail, router, keys and palette follow. Each but the first comes in
// a file of its own: `Stage` shows it.

import Activity from '@lucide/svelte/icons/activity'
import BookUser from '@lucide/svelte/icons/book-user'
import Cable from '@lucide/svelte/icons/cable'
import ListChecks from '@lucide/svelte/icons/list-checks'
import Repeat from '@lucide/svelte/icons/repeat'
import Sprout from '@lucide/svelte/icons/sprout'
import Settings from '@lucide/svelte/icons/settings'
import Waypoints from '@lucide/svelte/icons/waypoints'
import Zap from '@lucide/svelte/icons/zap'
import type { Component } from 'svelte'
import HomeScreen from '$lib/live/HomeScreen.svelte'
import type { Session } from '$lib/store/session.svelte'
import { strings } from '$lib/strings'

export interface ScreenProps {
  session: Session
}

export interface Screen {
  id: string
  /** First part of the path in the address. */
  path: string
  label: string
  icon: Component<{ size?: number; 'aria-hidden'?: 'true' }>
  /** The key after `g`. */
  key: string
  /** Brings the screen: it is in a file of its own, so that the page is there before it. */
  load: () => Promise<{ default: Component<ScreenProps> }>
  /** The screen, if it is in the page itself. */
  component?: Component<ScreenProps>
  /** Stands at the end of the rail, apart from the screens of daily work. */
  atEnd?: boolean
}

export const screens: Screen[] = [
  {
    id: 'live',
    path: 'live',
    label: strings.screens.live,
    icon: Activity,
    key: 'l',
    load: () => Promise.resolve({ default: HomeScreen }),
    component: HomeScreen,
  },
  {
    id: 'flows',
    path: 'flows',
    label: strings.flows.title,
    icon: Waypoints,
    key: 'f',
    load: () => import('$lib/flows/FlowsScreen.svelte'),
  },
  {
    id: 'directory',
    path: 'directory',
    label: strings.screens.directory,
    icon: BookUser,
    key: 'd',
    load: () => import('$lib/directory/DirectoryScreen.svelte'),
  },
  {
    id: 'replay',
    path: 'replay',
    label: strings.replay.title,
    icon: Repeat,
    key: 'r',
    load: () => import('$lib/replay/ReplayScreen.svelte'),
  },
  {
    id: 'rules',
    path: 'rules',
    label: strings.faults.title,
    icon: Zap,
    key: 'u',
    load: () => import('$lib/rules/RulesScreen.svelte'),
  },
  {
    id: 'checks',
    path: 'checks',
    label: strings.screens.checks,
    icon: ListChecks,
    key: 'c',
    load: () => import('$lib/checks/ChecksScreen.svelte'),
  },
  {
    id: 'seed',
    path: 'seed',
    label: strings.screens.seed,
    icon: Sprout,
    key: 'e',
    load: () => import('$lib/seed/SeedScreen.svelte'),
  },
  {
    id: 'connect',
    path: 'connect',
    label: strings.screens.connect,
    icon: Cable,
    key: 'n',
    load: () => import('$lib/connect/ConnectScreen.svelte'),
    atEnd: true,
  },
  {
    id: 'settings',
    path: 'settings',
    label: strings.screens.settings,
    icon: Settings,
    key: 's',
    load: () => import('$lib/settings/SettingsScreen.svelte'),
    atEnd: true,
  },
]

/** The screen that an address means; without a path, the first. */
export function screenAt(path: string[]): Screen | undefined {
  return path[0] === undefined ? screens[0] : screens.find((screen) => screen.path === path[0])
}
