import { expect, test } from './server'

test('screens are reached by rail, by key and by address, and back leads back', async ({ opened, entra }) => {
  await entra.disable('ada@example.com', 'Ada Lovelace')
  await expect(opened.locator('[data-seq="3"]')).toBeVisible()
  const rail = opened.getByRole('navigation', { name: 'Screens' })
  await expect(rail.getByRole('link', { name: 'Live' })).toHaveAttribute('aria-current', 'page')

  await opened.locator('[data-seq="3"]').click()
  await opened.keyboard.press('2')
  await expect(opened).toHaveURL(/#\/live\?seq=3&tab=diff$/)
  await rail.getByRole('link', { name: 'Settings' }).click()
  await expect(opened.getByRole('heading', { name: 'Settings' })).toBeVisible()
  await expect(opened).toHaveTitle(/^Settings/)

  await opened.keyboard.press('g')
  await opened.keyboard.press('l')
  await expect(opened.locator('[data-seq="3"]')).toHaveAttribute('aria-selected', 'true')
  await expect(opened.getByRole('tab', { name: /Diff/ })).toHaveAttribute('aria-selected', 'true')
  await opened.goBack()
  await expect(opened.getByRole('heading', { name: 'Settings' })).toBeVisible()
  await opened.goForward()
  await expect(opened.getByRole('grid', { name: /Exchanges/ })).toBeVisible()

  await opened.evaluate(() => (window.location.hash = '#/nowhere'))
  await expect(opened.getByRole('heading', { name: 'There is no such screen' })).toBeVisible()
  await opened.getByRole('link', { name: 'Go to Live' }).click()
  await expect(opened.getByRole('grid', { name: /Exchanges/ })).toBeVisible()
})

test('the palette finds a command by a few letters and gives the focus back', async ({ opened, entra }) => {
  await entra.lookFor('ada@example.com')
  await opened.locator('[data-seq="1"]').click()
  await opened.keyboard.press('Control+k')
  const box = opened.getByRole('combobox', { name: 'Command palette' })
  await expect(box).toBeFocused()
  await opened.keyboard.type('theme dark')
  await expect(opened.getByRole('option', { selected: true })).toContainText('Theme: Dark')
  await opened.keyboard.press('Enter')
  await expect(box).toHaveCount(0)
  await expect(opened.locator('html')).toHaveAttribute('data-theme', 'dark')
  await opened.keyboard.press('Control+k')
  await opened.keyboard.type('jjj')
  await expect(opened.getByText('Nothing fits “jjj”.')).toBeVisible()
  await opened.keyboard.press('Escape')
  await expect(opened.locator('[data-seq="1"]')).toHaveAttribute('aria-selected', 'true')
})

test('high contrast and reduced motion are chosen and remembered', async ({ opened }) => {
  await opened.keyboard.press('Control+,')
  await opened.getByRole('link', { name: 'Appearance' }).click()
  await opened.getByRole('button', { name: 'High contrast' }).click()
  await opened.getByRole('button', { name: 'Reduced' }).click()
  await opened.reload()
  await expect(opened.locator('html')).toHaveAttribute('data-contrast', 'more')
  await expect(opened.locator('html')).toHaveAttribute('data-motion', 'reduced')
})

for (const width of [1280, 700, 500]) {
  test(`nothing sticks out of a window ${width} wide`, async ({ opened, entra }) => {
    await entra.disable('ada@example.com', 'Ada Lovelace')
    await opened.setViewportSize({ width, height: 720 })
    for (const place of ['live?seq=3&tab=diff', 'settings/appearance']) {
      await opened.evaluate((place) => (window.location.hash = `#/${place}`), place)
      await expect(opened.getByRole('main')).toBeVisible()
      const overflow = await opened.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect(overflow, place).toBeLessThanOrEqual(0)
    }
  })
}
