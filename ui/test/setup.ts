import { configure } from '@testing-library/svelte'
import { afterEach } from 'vitest'
import { preferences } from '$lib/store/preferences.svelte'

// A failure names what was looked for; the whole page would only bury it.
configure({ getElementError: (message) => new Error(message ?? 'not found') })

// Every test begins as in a new browser.
afterEach(() => {
  preferences.setMessage('pretty')
  localStorage.clear()
})
