import type { Page } from '@playwright/test'
import { Cable, expect, test } from './server'
import type { Entra } from './server'

async function many(entra: Entra, count: number, name = 'row') {
  for (let at = 0; at < count; at += 20) {
    const some = Array.from({ length: Math.min(20, count - at) }, (_, index) => `${name}-${at + index}@example.com`)
    await Promise.all(some.map((userName) => entra.lookFor(userName)))
  }
}

async function newestInSight(page: Page): Promise<number> {
  return page.evaluate(() =>
    Math.max(...[...document.querySelectorAll('[data-seq]')].map((row) => Number(row.getAttribute('data-seq')))),
  )
}

test('the end is followed until somebody scrolls away, and new rows are then only counted', async ({
  opened,
  entra,
}) => {
  await many(entra, 120)
  const grid = opened.getByRole('grid')
  await expect(grid).toHaveAttribute('aria-rowcount', '121')
  await expect.poll(() => newestInSight(opened)).toBe(120)
  expect(await opened.locator('[data-seq]').count()).toBeLessThan(60)

  await grid.focus()
  await opened.keyboard.press('Home')
  await expect(opened.locator('[data-seq="1"]')).toHaveAttribute('aria-selected', 'true')
  const top = await grid.evaluate((element) => element.scrollTop)
  await many(entra, 5, 'later')
  const pill = opened.getByRole('button', { name: 'Go to the newest: 5 new exchanges' })
  await expect(pill).toBeVisible()
  expect(await grid.evaluate((element) => element.scrollTop)).toBe(top)
  await expect(grid).toBeFocused()
  await expect(opened.locator('[data-seq="1"]')).toHaveAttribute('aria-selected', 'true')

  await pill.click()
  await expect(opened.locator('[data-seq="125"]')).toBeInViewport()
  await expect(pill).toHaveCount(0)
  await many(entra, 3, 'followed')
  await expect(opened.locator('[data-seq="128"]')).toBeInViewport()
})

test('the page is used with the keyboard alone', async ({ opened, entra }) => {
  await entra.disable('ada@example.com', 'Ada Lovelace')
  const grid = opened.getByRole('grid')
  await expect(opened.locator('[data-seq="3"]')).toBeVisible()

  await opened.keyboard.press('j')
  await expect(grid.getByRole('row', { selected: true })).toHaveAttribute('data-seq', '1')
  await opened.keyboard.press('j')
  await opened.keyboard.press('j')
  await opened.keyboard.press('j')
  await expect(grid.getByRole('row', { selected: true })).toHaveAttribute('data-seq', '3')
  await opened.keyboard.press('k')
  await opened.keyboard.press('End')
  await expect(grid.getByRole('row', { selected: true })).toHaveAttribute('data-seq', '3')

  await opened.keyboard.press('Enter')
  const panel = opened.getByRole('tabpanel')
  await expect(panel).toBeVisible()
  await expect(opened.getByRole('tab', { name: 'Summary' })).toHaveAttribute('aria-selected', 'true')
  for (const [key, name] of [
    ['2', 'Diff'],
    ['3', 'Request'],
    ['4', 'Response'],
    ['h', 'Request'],
    ['l', 'Response'],
    ['1', 'Summary'],
  ] as const) {
    await opened.keyboard.press(key)
    await expect(opened.getByRole('tab', { name })).toHaveAttribute('aria-selected', 'true')
  }
  await opened.keyboard.press('3')
  await opened.keyboard.press('b')
  await expect(panel.getByRole('region', { name: 'Request as it was on the wire' })).toBeVisible()
  await opened.keyboard.press('b')

  await opened.keyboard.press('?')
  await expect(opened.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
  await opened.keyboard.press('j')
  await expect(grid.getByRole('row', { selected: true })).toHaveAttribute('data-seq', '3')
  await opened.keyboard.press('Escape')
  await expect(opened.getByRole('dialog')).toHaveCount(0)
  await expect(panel).toBeVisible()

  await opened.keyboard.press('Escape')
  await expect(panel).toHaveCount(0)
  await expect(grid).toBeFocused()
  const active = await grid.getAttribute('aria-activedescendant')
  await expect(opened.locator(`#${active}`)).toHaveAttribute('data-seq', '3')
})

test('the splitter is moved with the keyboard and stays where it was put', async ({ opened, entra }) => {
  await entra.lookFor('ada@example.com')
  await opened.locator('[data-seq="1"]').click()
  const splitter = opened.getByRole('separator')
  const before = Number(await splitter.getAttribute('aria-valuenow'))
  await splitter.focus()
  await opened.keyboard.press('ArrowRight')
  await opened.keyboard.press('ArrowRight')
  await expect(splitter).toHaveAttribute('aria-valuenow', String(before + 4))
  await opened.reload()
  await opened.locator('[data-seq="1"]').click()
  await expect(splitter).toHaveAttribute('aria-valuenow', String(before + 4))
})

test('on a narrow window the detail lies under the list', async ({ opened, entra }) => {
  await opened.setViewportSize({ width: 600, height: 800 })
  await entra.disable('ada@example.com', 'Ada Lovelace')
  await opened.locator('[data-seq="3"]').click()
  await opened.keyboard.press('2')
  await expect(opened.getByRole('separator')).toHaveAttribute('aria-orientation', 'horizontal')
  await expect(opened.getByRole('tabpanel').getByRole('row', { name: /active/ })).toBeInViewport()
  const overflow = await opened.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(overflow).toBeLessThanOrEqual(0)
})

test('a lost connection is said, and the list continues where it stopped', async ({ page, server, entra }) => {
  const cable = new Cable(server.control)
  await page.goto(`${await cable.open()}/#token=${server.controlToken}`)
  await entra.lookFor('before@example.com')
  await expect(page.getByRole('grid')).toContainText('before@example.com')

  cable.pull()
  await expect(page.getByRole('alert')).toContainText('Connection to Scimscope lost')
  await entra.lookFor('meanwhile@example.com')
  await expect(page.getByRole('grid')).not.toContainText('meanwhile@example.com')

  cable.plugIn()
  await page.getByRole('button', { name: 'Retry now' }).click()
  await expect(page.getByRole('grid')).toContainText('meanwhile@example.com')
  await expect(page.getByRole('alert')).toHaveCount(0)
  await entra.lookFor('after@example.com')
  await expect(page.getByRole('grid')).toContainText('after@example.com')
  cable.close()
})

test('the theme is chosen and remembered', async ({ opened }) => {
  const theme = () => opened.evaluate(() => document.documentElement.dataset['theme'])
  await opened.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(theme).toBe('dark')
  await opened.getByRole('button', { name: /^Theme/ }).click()
  await opened.getByRole('menuitemradio', { name: 'Light' }).click()
  await expect.poll(theme).toBe('light')
  await opened.reload()
  expect(await theme()).toBe('light')
})
