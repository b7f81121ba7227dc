import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, operations, test } from './server'

async function violations(page: Page) {
  // Colours are compared when nothing is on its way from one to another.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finish?.())).catch(() => undefined),
  )
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, reducedMotion: 'reduce' })

    test('the welcome and the token screen have no accessibility violations', async ({ opened, browser, server }) => {
      await expect(opened.getByText('last request: never')).toBeVisible()
      expect(await violations(opened)).toEqual([])
      const stranger = await browser.newContext({ colorScheme })
      const locked = await stranger.newPage()
      await locked.goto(server.control)
      await expect(locked.getByLabel('Control token')).toBeVisible()
      expect(await violations(locked)).toEqual([])
      await stranger.close()
    })

    test('the list has no accessibility violations', async ({ opened, entra }) => {
      await entra.disable('ada@example.com', 'Ada Lovelace')
      await expect(opened.locator('[data-seq="3"]')).toBeVisible()
      expect(await violations(opened)).toEqual([])
      await opened.keyboard.press('?')
      await expect(opened.getByRole('dialog')).toBeVisible()
      expect(await violations(opened)).toEqual([])
    })

    for (const [what, seq] of [
      ['tolerated', 3],
      ['refused', 4],
    ] as const) {
      test(`the detail of a ${what} exchange has no accessibility violations`, async ({ opened, entra }) => {
        test.slow()
        const { id } = await entra.disable('ada@example.com', 'Ada Lovelace')
        await entra.patch(
          id,
          operations({ op: 'replace', path: 'title', value: 'Q' }, { op: 'replace', path: 'id', value: 'x' }),
        )
        await opened.locator(`[data-seq="${seq}"]`).click()
        for (const keys of ['1', '2', '3', '4', '3b']) {
          for (const key of keys) await opened.keyboard.press(key)
          await expect(opened.getByRole('tabpanel')).toHaveAttribute('aria-busy', 'false')
          expect(await violations(opened), `after ${keys}`).toEqual([])
        }
      })
    }
  })
}
