// The pictures of the README, taken from the real server while it plays the sample flow.

import { expect, test } from '../e2e/server'
import { picture } from './picture'

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, viewport: { width: 1360, height: 820 }, deviceScaleFactor: 2, reducedMotion: 'reduce' })

    test(`welcome, ${colorScheme}`, async ({ opened }) => {
      await expect(opened.getByText('last request: never')).toBeVisible()
      await picture(opened, `welcome-${colorScheme}`)
    })

    test(`live, ${colorScheme}`, async ({ opened }) => {
      await opened.getByRole('button', { name: 'Run sample Entra flow' }).click()
      await expect(opened.getByRole('tab', { name: /Diff/ })).toHaveAttribute('aria-selected', 'true', {
        timeout: 20_000,
      })
      await expect(opened.getByText('9 exchanges', { exact: true })).toBeVisible()
      await picture(opened, `diff-${colorScheme}`)
      await opened.keyboard.press('3')
      await picture(opened, `request-${colorScheme}`)
      await opened.keyboard.press('Escape')
      await picture(opened, `live-${colorScheme}`)
    })
  })
}
