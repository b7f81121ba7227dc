import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './server'

test('columns are chosen and moved with the keyboard and are there again after a reload', async ({ opened, entra }) => {
  await entra.lookFor('ada@example.com')
  await expect(opened.locator('[data-seq="1"]')).toBeVisible()
  const heads = opened.getByRole('grid').getByRole('columnheader')
  await expect(heads).toHaveText(['Time', 'Verdict', 'What happened', 'Method', 'Target', 'Status', 'Took'])
  await opened.keyboard.press('Shift+C')
  const menu = opened.getByRole('dialog', { name: 'Choose columns' })
  await expect(menu.getByRole('checkbox', { name: 'Time' })).toBeFocused()
  await opened.keyboard.press('Space')
  await expect(heads).toHaveCount(6)
  await menu.getByRole('checkbox', { name: 'Number' }).check()
  await expect(heads.first()).toHaveText('Number')
  await expect(menu.getByRole('checkbox', { name: 'Number' })).toBeFocused()
  await opened.keyboard.press('Alt+ArrowDown')
  await expect(heads.nth(1)).toHaveText('Number')
  expect((await new AxeBuilder({ page: opened }).analyze()).violations.map(({ id }) => id)).toEqual([])
  await opened.keyboard.press('Escape')
  await expect(menu).toHaveCount(0)
  await opened.reload()
  await expect(heads).toHaveText(['Verdict', 'Number', 'What happened', 'Method', 'Target', 'Status', 'Took'])
})
