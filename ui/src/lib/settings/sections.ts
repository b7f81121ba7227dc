// The sections of the settings: `#/settings/<path>`.

import SunMoon from '@lucide/svelte/icons/sun-moon'
import type { Component } from 'svelte'
import type { ScreenProps } from '$lib/shell/screens'
import { strings } from '$lib/strings'
import Appearance from './Appearance.svelte'

export interface Section {
  path: string
  label: string
  icon: Component<{ size?: number; 'aria-hidden'?: 'true' }>
  component: Component<ScreenProps>
}

export const sections: Section[] = [
  {
    path: 'appearance',
    label: strings.settings.appearance.title,
    icon: SunMoon,
    component: withoutSession(Appearance),
  },
]

/** A section that needs nothing of the session takes the place of one that does. */
function withoutSession(component: Component<Record<string, never>>): Component<ScreenProps> {
  return component as unknown as Component<ScreenProps>
}
