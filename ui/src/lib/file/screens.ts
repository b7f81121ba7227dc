// The screens of the page that is one file: those that show what was recorded.

import Activity from '@lucide/svelte/icons/activity'
import ListChecks from '@lucide/svelte/icons/list-checks'
import Waypoints from '@lucide/svelte/icons/waypoints'
import ChecksScreen from '$lib/checks/ChecksScreen.svelte'
import FlowsScreen from '$lib/flows/FlowsScreen.svelte'
import LiveScreen from '$lib/live/LiveScreen.svelte'
import type { Screen } from '$lib/shell/screens'
import { strings } from '$lib/strings'

export const screens: Screen[] = [
  { id: 'live', path: 'live', label: strings.file.exchanges, icon: Activity, key: 'l', component: LiveScreen },
  { id: 'flows', path: 'flows', label: strings.flows.title, icon: Waypoints, key: 'f', component: FlowsScreen },
  { id: 'checks', path: 'checks', label: strings.screens.checks, icon: ListChecks, key: 'c', component: ChecksScreen },
]
