import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, operations, test } from './server'

async function go(page: Page, hash: string) {
  await page.evaluate((hash) => (window.location.hash = hash), hash)
}

const rows = (page: Page) => page.getByRole('grid').locator('[role="row"][data-id]')
const pane = (page: Page) => page.getByRole('region', { name: 'Resource', exact: true })
const versions = (page: Page) =>
  pane(page)
    .getByRole('listitem')
    .filter({ has: page.getByRole('button') })

test('every version is told with what caused it, compared, restored and undone', async ({ opened, entra, server }) => {
  test.slow()
  const ada = await entra.create('ada@example.com', 'Ada Lovelace')
  await entra.patch(ada, operations({ op: 'replace', path: 'title', value: 'Countess' }))
  await entra.patch(ada, operations({ op: 'replace', path: 'title', value: 'Queen' }))
  await go(opened, `#/directory/default/User/${ada}?tab=history`)
  await expect(versions(opened)).toHaveCount(3)

  await versions(opened).first().getByRole('button', { expanded: false }).click()
  await expect(versions(opened).first().getByRole('row', { name: /title/ })).toContainText('Queen')
  await expect(versions(opened).first().getByRole('link', { name: 'Exchange 3' })).toHaveAttribute('href', /seq=3/)

  await pane(opened).getByRole('button', { name: 'Compare version 1' }).click()
  await pane(opened).getByRole('button', { name: 'Compare version 3' }).click()
  const compared = pane(opened).getByRole('region', { name: 'Two versions compared' })
  await expect(compared.getByRole('row', { name: /title/ })).toContainText('Queen')
  await compared.getByRole('button', { name: 'Swap the sides' }).click()
  await expect(compared.getByRole('row', { name: /title/ })).toContainText('removed')
  await compared.getByRole('button', { name: 'Close' }).click()

  await versions(opened).nth(1).getByRole('button', { expanded: false }).click()
  await versions(opened).nth(1).getByRole('button', { name: 'Restore this version' }).click()
  const dialog = opened.getByRole('dialog')
  await expect(dialog.getByRole('row', { name: /title/ })).toContainText('Countess')
  await dialog.getByRole('button', { name: 'Restore' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(versions(opened)).toHaveCount(4)
  await opened.keyboard.press('1')
  await expect(pane(opened)).toContainText('Countess')

  await opened.keyboard.press('3')
  await versions(opened).first().getByRole('button', { expanded: false }).click()
  await versions(opened).first().getByRole('button', { name: 'Undo this change' }).click()
  await dialog.getByRole('button', { name: 'Undo' }).click()
  await expect(versions(opened)).toHaveCount(5)
  const { resource } = await server.ask<{ resource: { document: { title: string } } }>(
    `/tenants/default/resources/User/${ada}`,
  )
  expect(resource.document.title).toBe('Queen')
})

test('the directory is shown as it was after any exchange', async ({ opened, entra }) => {
  const ada = await entra.create('ada@example.com', 'Ada Lovelace')
  await entra.create('grace@example.com', 'Grace Hopper')
  await entra.patch(ada, operations({ op: 'replace', path: 'title', value: 'Countess' }))
  await go(opened, '#/directory')
  await expect(rows(opened)).toHaveCount(2)
  await opened.keyboard.press('t')
  await opened.getByRole('slider').fill('1')
  await expect(opened).toHaveURL(/at=seq%3A1/)
  await expect(rows(opened)).toHaveCount(1)
  await expect(opened.getByRole('button', { name: 'New User' })).toHaveCount(0)
  await rows(opened).first().click()
  await expect(pane(opened)).not.toContainText('Countess')
  await expect(pane(opened).getByRole('button', { name: 'Edit' })).toHaveCount(0)
  await opened.getByRole('button', { name: 'Exchange after that changed something' }).click()
  await expect(opened).toHaveURL(/at=seq%3A2/)
  await expect(rows(opened)).toHaveCount(2)
  await opened.getByRole('button', { name: 'Back to now' }).click()
  await expect(pane(opened)).toContainText('Countess')
})

test('a resource is edited, and the request is seen before it is sent and in Live after', async ({ opened, entra }) => {
  const ada = await entra.create('ada@example.com', 'Ada Lovelace')
  await go(opened, `#/directory/default/User/${ada}`)
  await expect(pane(opened)).toContainText('Ada Lovelace')
  await opened.keyboard.press('e')
  const form = opened.getByRole('form', { name: 'Edit Ada Lovelace' })
  await form.getByRole('button', { name: 'Show all attributes' }).click()
  await form.getByRole('textbox', { name: 'userName', exact: true }).fill('')
  await expect(form).toContainText('userName is required')
  await expect(form.getByRole('button', { name: 'Send PATCH' })).toBeDisabled()
  await form.getByRole('textbox', { name: 'userName', exact: true }).fill('ada@example.com')
  await form.getByRole('textbox', { name: 'title', exact: true }).fill('Countess')
  const body = form.getByRole('region', { name: 'Body of the request' })
  await expect(body).toContainText('"Countess"')
  await expect(body).not.toContainText('userName')
  await opened.keyboard.press('Control+Enter')
  await expect(form).toHaveCount(0)
  await expect(pane(opened)).toContainText('Countess')
  await go(opened, '#/live')
  await expect(opened.getByRole('grid').getByRole('row').filter({ hasText: 'PATCH' })).toBeVisible()
})

test('a resource is created and deleted by hand', async ({ opened, entra }) => {
  await entra.create('ada@example.com', 'Ada Lovelace')
  await go(opened, '#/directory')
  await expect(rows(opened)).toHaveCount(1)
  await opened.getByRole('button', { name: 'New User' }).click()
  const form = opened.getByRole('form', { name: 'New User' })
  await form.getByRole('textbox', { name: 'userName', exact: true }).fill('ada@example.com')
  await form.getByRole('button', { name: 'Send POST' }).click()
  await expect(form.getByRole('alert')).toContainText('409')
  await form.getByRole('textbox', { name: 'userName', exact: true }).fill('grace@example.com')
  await form.getByRole('button', { name: 'Send POST' }).click()
  await expect(rows(opened)).toHaveCount(2)
  await expect(pane(opened).getByRole('heading', { name: 'grace@example.com' })).toBeVisible()
  await pane(opened).getByRole('button', { name: 'Delete' }).click()
  await opened.getByRole('dialog').getByRole('button', { name: 'Send DELETE' }).click()
  await expect(rows(opened)).toHaveCount(1)
  await expect(pane(opened)).toHaveCount(0)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, reducedMotion: 'reduce' })

    test('history and editing have no accessibility violations', async ({ opened, entra }) => {
      test.slow()
      const violations = async () => {
        const { violations } = await new AxeBuilder({ page: opened }).analyze()
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
      }
      const ada = await entra.create('ada@example.com', 'Ada Lovelace')
      await entra.patch(ada, operations({ op: 'replace', path: 'title', value: 'Countess' }))
      await go(opened, `#/directory/default/User/${ada}?tab=history`)
      await versions(opened).first().getByRole('button', { expanded: false }).click()
      await pane(opened).getByRole('button', { name: 'Compare version 1' }).click()
      await pane(opened).getByRole('button', { name: 'Compare version 2' }).click()
      await expect(pane(opened).getByRole('region', { name: 'Two versions compared' })).toContainText('title')
      expect(await violations(), 'history').toEqual([])
      await versions(opened).first().getByRole('button', { name: 'Undo this change' }).click()
      await expect(opened.getByRole('dialog').getByRole('row', { name: /title/ })).toBeVisible()
      expect(await violations(), 'undo').toEqual([])
      await opened.keyboard.press('Escape')
      await opened.keyboard.press('e')
      await opened.getByRole('button', { name: 'Show all attributes' }).click()
      await opened.getByRole('textbox', { name: 'title', exact: true }).fill('Queen')
      await expect(opened.getByRole('region', { name: 'Body of the request' })).toContainText('Queen')
      expect(await violations(), 'form').toEqual([])
      await opened.getByRole('button', { name: 'JSON', exact: true }).click()
      expect(await violations(), 'JSON').toEqual([])
    })
  })
}
