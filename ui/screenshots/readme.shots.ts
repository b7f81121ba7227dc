// The pictures of the README, taken from the real server while it plays the sample flow.

import { resolve } from 'node:path'
import { expect, test } from '../e2e/server'

const FOLDER = process.env['SCIMSCOPE_SCREENSHOTS'] ?? resolve(import.meta.dirname, '../../docs/images')

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, viewport: { width: 1360, height: 820 }, deviceScaleFactor: 2, reducedMotion: 'reduce' })

    test(`welcome, ${colorScheme}`, async ({ opened }) => {
      await expect(opened.getByText('last request: never')).toBeVisible()
      await opened.screenshot({ path: `${FOLDER}/welcome-${colorScheme}.png` })
    })

    test(`live, ${colorScheme}`, async ({ opened }) => {
      await opened.getByRole('button', { name: 'Run sample Entra flow' }).click()
      await expect(opened.getByRole('tab', { name: /Diff/ })).toHaveAttribute('aria-selected', 'true', {
        timeout: 20_000,
      })
      await opened.mouse.move(2, 2)
      await expect(opened.getByText('9 exchanges')).toBeVisible()
      await opened.screenshot({ path: `${FOLDER}/diff-${colorScheme}.png` })
      await opened.keyboard.press('3')
      await opened.screenshot({ path: `${FOLDER}/request-${colorScheme}.png` })
      await opened.keyboard.press('Escape')
      await opened.screenshot({ path: `${FOLDER}/live-${colorScheme}.png` })
    })
  })
}
