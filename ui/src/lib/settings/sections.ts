// The sections of the settings: `#/settings/<path>`. What they show is in SettingsScreen, so that the palette can name them without it.

import Building from '@lucide/svelte/icons/building-2'
import Database from '@lucide/svelte/icons/database'
import AppWindow from '@lucide/svelte/icons/app-window'
import KeyRound from '@lucide/svelte/icons/key-round'
import Server from '@lucide/svelte/icons/server'
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal'
import SunMoon from '@lucide/svelte/icons/sun-moon'
import type { Component } from 'svelte'
import { strings } from '$lib/strings'
import { inDesktop } from '$lib/transport'

export interface Section {
  path: string
  label: string
  icon: Component<{ size?: number; 'aria-hidden'?: 'true' }>
}

const texts = strings.settings

export const sections: Section[] = [
  { path: 'tenants', label: texts.tenants.title, icon: Building },
  { path: 'profiles', label: texts.profiles.title, icon: SlidersHorizontal },
  { path: 'credentials', label: texts.credentials.title, icon: KeyRound },
  { path: 'server', label: texts.server.title, icon: Server },
  { path: 'workspace', label: texts.workspace.title, icon: Database },
  ...(inDesktop() ? [{ path: 'desktop', label: strings.desktop.title, icon: AppWindow }] : []),
  { path: 'appearance', label: texts.appearance.title, icon: SunMoon },
]
