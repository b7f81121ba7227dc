import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './server'

async function open(page: Page) {
  await expect(page.getByRole('link', { name: /Seed/ })).toBeVisible()
  await page.keyboard.press('g')
  await page.keyboard.press('e')
  await expect(page.getByRole('heading', { name: 'Seed & snapshots' })).toBeVisible()
}

test('a ready dataset is previewed, made up, snapped, compared and gone back to', async ({ opened }) => {
  await open(opened)
  await opened.getByRole('button', { name: /Small company/ }).click()
  await expect(opened.getByRole('row').nth(1)).toContainText('Director')
  await opened.keyboard.press('Control+s')
  await expect(opened.getByRole('heading', { name: 'Snapshot 1' })).toBeVisible()
  await opened.getByRole('button', { name: 'Make 25 users, 14 groups' }).click()
  await expect(opened.getByText('25 Users · 14 Groups came, as revision 1.')).toBeVisible()

  await opened.getByRole('button', { name: 'Compare' }).click()
  const different = opened.getByRole('region', { name: 'What is different' })
  await expect(different).toContainText('+39 created')
  await different.getByRole('button', { name: /Engineering/ }).click()
  await expect(different).toContainText('displayName')
  await expect(opened).toHaveURL(/from=snapshot/)

  await opened.getByRole('textbox', { name: 'Name' }).fill('full')
  await opened.getByRole('button', { name: 'Take snapshot' }).click()
  await expect(opened.getByRole('heading', { name: 'full' })).toBeVisible()
  // The present state has a name, so a key goes back without a question.
  await opened.getByRole('heading', { name: 'Snapshots', exact: true }).click()
  await opened.keyboard.press('Alt+r')
  await expect(opened.getByText('The directory is empty.')).toBeVisible()
  await expect(different).toContainText('Nothing. The two states are the same.')
})

test('a key that would lose a state without a name asks first', async ({ opened, entra }) => {
  await open(opened)
  await opened.keyboard.press('Control+s')
  await expect(opened.getByRole('heading', { name: 'Snapshot 1' })).toBeVisible()
  await entra.create('ada@example.com', 'Ada Lovelace')
  await expect(opened.getByText(/1 resource differ/)).toBeVisible()
  await opened.keyboard.press('Alt+r')
  const dialog = opened.getByRole('dialog', { name: 'Go back to “Snapshot 1”' })
  await expect(dialog).toContainText('Ada Lovelace')
  await dialog.getByRole('button', { name: 'Restore' }).click()
  await expect(opened.getByText('The directory is empty.')).toBeVisible()
})

test('a table is dropped, its columns are mapped, and a wrong line keeps everything out', async ({
  opened,
  server,
}) => {
  await open(opened)
  const file = opened.getByLabel('Choose a file…', { exact: true }).last()
  await file.setInputFiles({
    name: 'people.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('Login,Surname,Active\nada,Lovelace,perhaps\n'),
  })
  const wrong = opened.getByRole('alert').filter({ hasText: 'cannot be taken over' })
  await expect(wrong).toContainText('line 2')
  await expect(opened.getByRole('button', { name: /Take over/ })).toBeDisabled()
  // Without the column that does not fit, the line does.
  await opened.getByLabel('Attribute for the column Active').selectOption('left out')
  await expect(wrong).toBeHidden()
  await opened.getByRole('button', { name: 'Take over 1 resource' }).click()
  await expect(opened.getByText('1 User came, as revision 1.')).toBeVisible()
  const users = await server.ask<{ total: number }>('/tenants/default/resources/User')
  expect(users.total).toBe(1)
})

test('long work says how far it is and can be cancelled', async ({ opened }) => {
  await open(opened)
  await opened.getByLabel('Users', { exact: true }).fill('200000')
  await opened.getByRole('button', { name: /Make 200,000 users/ }).click()
  await expect(opened.getByRole('progressbar')).toBeVisible()
  await opened.getByRole('button', { name: 'Cancel' }).click()
  await expect(opened.getByText('Cancelled. Nothing was changed.')).toBeVisible()
  await expect(opened.getByText('The directory is empty.')).toBeVisible()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, reducedMotion: 'reduce' })

    test('the screen has no accessibility violations', async ({ opened }) => {
      await open(opened)
      await opened.getByRole('button', { name: /Edge cases/ }).click()
      await opened.keyboard.press('Control+s')
      await opened.getByText('Groups, managers and edge cases').click()
      await opened.getByRole('button', { name: 'Compare' }).click()
      await expect(opened.getByText('Nothing. The two states are the same.')).toBeVisible()
      const { violations } = await new AxeBuilder({ page: opened }).analyze()
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`),
      ).toEqual([])
    })
  })
}
