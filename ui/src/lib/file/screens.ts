// The screens of the page that is one file: those that show what was recorded.

import Activity from '@lucide/svelte/icons/activity'
import ListChecks from '@lucide/svelte/icons/list-checks'
import Waypoints from '@lucide/svelte/icons/waypoints'
import type { Component } from 'svelte'
import ChecksScreen from '$lib/checks/ChecksScreen.svelte'
import FlowsScreen from '$lib/flows/FlowsScreen.svelte'
import LiveScreen from '$lib/live/LiveScreen.svelte'
import type { Screen, ScreenProps } from '$lib/shell/screens'
import { strings } from '$lib/strings'

const here = (component: Component<ScreenProps>) => ({
  component,
  load: () => Promise.resolve({ default: component }),
})

export const screens: Screen[] = [
  { id: 'live', path: 'live', label: strings.file.exchanges, icon: Activity, key: 'l', ...here(LiveScreen) },
  { id: 'flows', path: 'flows', label: strings.flows.title, icon: Waypoints, key: 'f', ...here(FlowsScreen) },
  { id: 'checks', path: 'checks', label: strings.screens.checks, icon: ListChecks, key: 'c', ...here(ChecksScreen) },
]
