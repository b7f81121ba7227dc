import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './server'

test('the list is cleared but for what is pinned, and that can be undone', async ({ opened, entra }) => {
  for (const name of ['ada', 'bob', 'eve', 'joe']) await entra.lookFor(`${name}@example.com`)
  const rows = opened.locator('[data-seq]')
  await expect(rows).toHaveCount(4)
  await opened.keyboard.press('j')
  await opened.keyboard.press('j')
  await opened.keyboard.press('p')
  await expect(opened.locator('[data-seq="2"]').getByLabel('Pinned')).toBeVisible()

  await opened.keyboard.press('Control+Shift+Backspace')
  await expect(rows).toHaveCount(1)
  await expect(opened.locator('[data-seq="2"]')).toBeVisible()
  const bar = opened.getByRole('region', { name: 'Removal' })
  await expect(bar).toContainText('The list was cleared')
  const axe = await new AxeBuilder({ page: opened }).analyze()
  expect(axe.violations).toEqual([])
  await opened.keyboard.press('Control+z')
  await expect(rows).toHaveCount(4)
  await expect(bar).toHaveCount(0)
})

test('selected exchanges are removed for good when the time to undo it is over', async ({ opened, entra, server }) => {
  for (const name of ['ada', 'bob', 'eve']) await entra.lookFor(`${name}@example.com`)
  const rows = opened.locator('[data-seq]')
  await expect(rows).toHaveCount(3)
  await opened.keyboard.press('j')
  await opened.keyboard.press('Shift+j')
  await opened.getByRole('toolbar').getByRole('button', { name: 'Remove' }).click()
  await expect(rows).toHaveCount(1)
  await expect(opened.getByRole('region', { name: 'Removal' })).toContainText('2 exchanges removed')
  // What comes meanwhile is there.
  await entra.lookFor('joe@example.com')
  await expect(rows).toHaveCount(2)
  await expect(opened.getByRole('region', { name: 'Removal' })).toHaveCount(0, { timeout: 15_000 })
  await expect(rows).toHaveCount(2)
  const { items } = await server.ask<{ items: { seq: number }[] }>('/exchanges')
  expect(items.map(({ seq }) => seq)).toEqual([3, 4])
  await opened.reload()
  await expect(rows).toHaveCount(2)
})

test('what the sample has sent goes with one click', async ({ opened, entra }) => {
  await opened.getByRole('button', { name: 'Run sample Entra flow' }).click()
  const bar = opened.getByRole('region', { name: 'Removal' })
  await expect(bar).toContainText('tag ‘sample’', { timeout: 15_000 })
  await entra.lookFor('ada@example.com')
  await bar.getByRole('button', { name: 'Remove them' }).click()
  await expect(opened.locator('[data-seq]')).toHaveCount(1)
  await expect(bar).toContainText('Exchanges tagged ‘sample’ removed')
})
