// The sections of the settings: `#/settings/<path>`.

import Building from '@lucide/svelte/icons/building-2'
import Database from '@lucide/svelte/icons/database'
import AppWindow from '@lucide/svelte/icons/app-window'
import KeyRound from '@lucide/svelte/icons/key-round'
import Server from '@lucide/svelte/icons/server'
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal'
import SunMoon from '@lucide/svelte/icons/sun-moon'
import type { Component } from 'svelte'
import type { ScreenProps } from '$lib/shell/screens'
import { strings } from '$lib/strings'
import { inDesktop } from '$lib/transport'
import Appearance from './Appearance.svelte'
import Credentials from './Credentials.svelte'
import Desktop from './Desktop.svelte'
import Profiles from './Profiles.svelte'
import ServerFacts from './Server.svelte'
import Tenants from './Tenants.svelte'
import Workspace from './Workspace.svelte'

export interface Section {
  path: string
  label: string
  icon: Component<{ size?: number; 'aria-hidden'?: 'true' }>
  component: Component<ScreenProps>
}

const texts = strings.settings

export const sections: Section[] = [
  { path: 'tenants', label: texts.tenants.title, icon: Building, component: Tenants },
  { path: 'profiles', label: texts.profiles.title, icon: SlidersHorizontal, component: Profiles },
  { path: 'credentials', label: texts.credentials.title, icon: KeyRound, component: Credentials },
  { path: 'server', label: texts.server.title, icon: Server, component: ServerFacts },
  { path: 'workspace', label: texts.workspace.title, icon: Database, component: Workspace },
  ...(inDesktop()
    ? [{ path: 'desktop', label: strings.desktop.title, icon: AppWindow, component: withoutSession(Desktop) }]
    : []),
  { path: 'appearance', label: texts.appearance.title, icon: SunMoon, component: withoutSession(Appearance) },
]

/** A section that needs nothing of the session takes the place of one that does. */
function withoutSession(component: Component<Record<string, never>>): Component<ScreenProps> {
  return component as unknown as Component<ScreenProps>
}
