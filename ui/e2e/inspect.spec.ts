import AxeBuilder from '@axe-core/playwright'
import { expect, operations, test } from './server'

test('the list is filtered by typed clauses, which are said, counted and in the address', async ({ opened, entra }) => {
  await entra.disable('ada@example.com', 'Ada Lovelace')
  await entra.lookFor('bob@example.com')
  const rows = opened.locator('[data-seq]')
  await expect(rows).toHaveCount(4)
  await opened.keyboard.press('/')
  const field = opened.getByRole('combobox', { name: 'Filter' })
  await expect(field).toBeFocused()
  await field.pressSequentially('op:pa')
  const suggestion = opened.getByRole('option', { name: /patch/ })
  await expect(suggestion).toBeVisible()
  await opened.keyboard.press('ArrowDown')
  await opened.keyboard.press('Enter')
  await expect(opened.getByRole('button', { name: 'op:patch: hides 3' })).toBeVisible()
  await expect(rows).toHaveCount(1)
  await expect(opened.getByText('PATCH requests', { exact: true })).toBeVisible()
  await expect.poll(() => opened.evaluate(() => location.hash)).toContain('q=op%3Apatch')

  // What comes and matches joins; what does not, does not.
  await entra.disable('grace@example.com', 'Grace Hopper')
  await expect(rows).toHaveCount(2)

  await field.pressSequentially('verdict:broken')
  await opened.keyboard.press('Enter')
  const empty = opened.getByText('Nothing matches').locator('..')
  await expect(empty).toContainText('without it 2 exchanges would be seen')
  await empty.getByRole('button', { name: 'Clear the filter' }).click()
  await expect(rows).toHaveCount(7)
})

test('a mistake in a filter is said where it is, and a chip is taken back by Backspace', async ({ opened, entra }) => {
  await entra.lookFor('ada@example.com')
  await expect(opened.locator('[data-seq="1"]')).toBeVisible()
  await opened.keyboard.press('/')
  const field = opened.getByRole('combobox', { name: 'Filter' })
  await field.pressSequentially('status:4o4 ')
  await expect(opened.locator('#filter-says')).toContainText('4o4')
  await expect(field).toHaveAttribute('aria-invalid', 'true')
  await field.fill('status:200')
  await opened.keyboard.press('Enter')
  await expect(opened.getByRole('button', { name: /^status:200/ })).toBeVisible()
  await opened.keyboard.press('Backspace')
  await expect(field).toHaveValue('status:200')
})

test('a view is saved, used and deleted', async ({ opened, entra }) => {
  await entra.lookFor('ada@example.com')
  await expect(opened.locator('[data-seq="1"]')).toBeVisible()
  await opened.keyboard.press('/')
  await opened.keyboard.type('status:404')
  await opened.keyboard.press('Enter')
  await opened.getByRole('button', { name: 'Saved views' }).click()
  await opened.getByLabel('Save this filter as').fill('Not found')
  await opened.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(opened.getByRole('button', { name: /Not found status:404/ })).toBeVisible()
  await opened.keyboard.press('Escape')
  await opened.getByRole('button', { name: 'Clear the filter' }).first().click()
  await opened.getByRole('button', { name: 'Saved views' }).click()
  await opened.getByRole('button', { name: /Not found status:404/ }).click()
  await expect(opened.getByRole('button', { name: /^status:404/ })).toBeVisible()
  await opened.getByRole('button', { name: 'Saved views' }).click()
  await opened.getByRole('button', { name: 'Delete the view Not found' }).click()
  await expect(opened.getByText('No saved views yet')).toBeVisible()
})

test('checks show the exact place, and reasons the filter part by part', async ({ opened, entra }) => {
  await entra.create('grace@example.com', 'Grace Hopper')
  await entra.lookFor('grace@example.com')
  await entra.disable('ada@example.com', 'Ada Lovelace')
  await opened.locator('[data-seq="5"]').click()
  await opened.keyboard.press('5')
  const panel = opened.getByRole('tabpanel')
  await expect(panel.locator('mark', { hasText: '"False"' })).toBeVisible()
  await expect(panel.getByText('RFC 7643 section 2.3.2')).toBeVisible()
  await opened.locator('[data-seq="2"]').click()
  await opened.keyboard.press('6')
  await expect(panel.getByText('by the index of userName: 1 resource looked at')).toBeVisible()
  await expect(panel.getByText('userName eq "grace@example.com"')).toBeVisible()
  await expect(panel.getByText('holds')).toHaveCount(1)
})

test('a diff is shown in three densities', async ({ opened, entra }) => {
  await entra.disable('ada@example.com', 'Ada Lovelace')
  await opened.locator('[data-seq="3"]').click()
  await opened.keyboard.press('2')
  const panel = opened.getByRole('tabpanel')
  await panel.getByRole('button', { name: 'Sentence' }).click()
  await expect(panel.getByText('active: true → false')).toBeVisible()
  await panel.getByRole('button', { name: 'Side by side' }).click()
  const line = panel.getByRole('row').filter({ hasText: '"active": false' })
  await expect(line).toContainText('"active": true')
  await panel
    .getByRole('button', { name: /lines unchanged/ })
    .first()
    .click()
  await expect(panel.getByText('"userName"').first()).toBeVisible()
  await panel.getByRole('button', { name: 'Table' }).click()
  await expect(panel.getByRole('row', { name: /active/ })).toBeVisible()
})

test('exchanges are chosen together, pinned, tagged, noted and compared', async ({ opened, entra }) => {
  const { id } = await entra.disable('ada@example.com', 'Ada Lovelace')
  await entra.patch(id, operations({ op: 'replace', path: 'active', value: true }))
  const row = (seq: number) => opened.locator(`[data-seq="${seq}"]`)
  await row(3).click()
  await opened.keyboard.press('Escape')
  await opened.keyboard.press('Shift+J')
  await expect(opened.getByRole('toolbar', { name: '2 selected' })).toBeVisible()
  await opened.keyboard.press('p')
  await expect(row(3).getByLabel('Pinned')).toBeVisible()
  await expect(row(4).getByLabel('Pinned')).toBeVisible()
  await opened.keyboard.press('d')
  const compared = opened.getByRole('region', { name: 'Comparison' })
  await expect(compared).toContainText('"active": true')
  await expect(compared).toContainText('Bearer ••••••••')
  await compared.getByRole('button', { name: 'Swap A and B' }).click()
  await expect(compared.locator('.side').first()).toContainText('#4')
  await opened.keyboard.press('Escape')

  await row(2).click()
  await opened.keyboard.press('t')
  await expect(opened.getByRole('textbox', { name: 'Add a tag' })).toBeFocused()
  await opened.keyboard.type('to look at')
  await opened.keyboard.press('Enter')
  await expect(row(2)).toContainText('to look at')
  await opened.keyboard.press('n')
  await expect(opened.getByRole('textbox', { name: 'Note' })).toBeFocused()
  await opened.keyboard.type('Why twice?')
  await opened.keyboard.press('Control+Enter')
  await expect(row(2).getByLabel('Has a note')).toBeVisible()
})

test('the list is paused and goes on', async ({ opened, entra }) => {
  await entra.lookFor('ada@example.com')
  await opened.getByRole('grid').focus()
  await opened.keyboard.press('Space')
  await entra.lookFor('bob@example.com')
  await expect(opened.getByRole('button', { name: 'Paused, 1 new' })).toBeVisible()
  await expect(opened.locator('[data-seq]')).toHaveCount(1)
  await opened.getByRole('button', { name: 'Paused, 1 new' }).click()
  await expect(opened.locator('[data-seq]')).toHaveCount(2)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, reducedMotion: 'reduce' })

    test('filter, checks, reasons and comparison have no accessibility violations', async ({ opened, entra }) => {
      test.slow()
      const violations = async () =>
        (await new AxeBuilder({ page: opened }).analyze()).violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`,
        )
      await entra.disable('ada@example.com', 'Ada Lovelace')
      await opened.locator('[data-seq="3"]').click()
      for (const key of ['2', '5', '6']) {
        await opened.keyboard.press(key)
        await opened.waitForTimeout(300)
        expect(await violations(), `after ${key}`).toEqual([])
      }
      await opened.locator('[data-seq="1"]').click({ modifiers: ['Control'] })
      await opened.keyboard.press('d')
      await expect(opened.getByRole('heading', { name: 'Comparison' })).toBeVisible()
      expect(await violations()).toEqual([])
      await opened.keyboard.press('/')
      await opened.keyboard.type('op:pa')
      await expect(opened.getByRole('option').first()).toBeVisible()
      expect(await violations()).toEqual([])
    })
  })
}

test('a body of ten megabytes shows its first text at once, and the rest where somebody looks', async ({
  opened,
  request,
  server,
}) => {
  test.slow()
  const members = Array.from({ length: 140_000 }, (_, index) => ({
    value: `member-${index}`,
    display: `Member ${index}`,
  }))
  const body = JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'All', members })
  expect(body.length).toBeGreaterThan(6_000_000)
  await request.post(`${server.scim}/Groups`, {
    // Without a token it is only recorded.
    headers: { 'content-type': 'application/scim+json' },
    data: body,
  })
  await opened.locator('[data-seq="1"]').click()
  await opened.keyboard.press('3')
  const panel = opened.getByRole('tabpanel')
  await expect(panel.getByText('"displayName"').first()).toBeVisible()
  await panel.getByRole('button', { name: /^Show all .* here$/ }).click()
  const whole = panel.getByRole('region', { name: /Request body, [\d,]+ lines/ })
  await expect(whole).toBeVisible({ timeout: 20_000 })
  await whole.focus()
  await opened.keyboard.press('End')
  await expect(whole.getByText('"member-139999"')).toBeVisible()
  expect(await whole.locator('.line').count()).toBeLessThan(80)
})
