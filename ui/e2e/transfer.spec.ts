import { readFileSync } from 'node:fs'
import AxeBuilder from '@axe-core/playwright'
import { expect, operations, test } from './server'

test('what is shown is exported by keyboard, without its secrets', async ({ opened, entra, server }) => {
  const id = await entra.create('ada@example.com', 'Ada Lovelace')
  await entra.patch(id, operations({ op: 'Replace', path: 'active', value: 'False' }))
  await expect(opened.locator('[data-seq="2"]')).toBeVisible()
  await opened.keyboard.press('x')
  const dialog = opened.getByRole('dialog', { name: 'Export' })
  await expect(dialog).toContainText('2 exchanges')
  await expect(dialog.getByRole('row', { name: /request header Authorization access token 2/i })).toBeVisible()
  expect((await new AxeBuilder({ page: opened }).analyze()).violations.map(({ id }) => id)).toEqual([])
  await dialog.getByRole('switch', { name: 'People' }).click()
  await expect(dialog.getByRole('cell', { name: 'personal data' }).first()).toBeVisible()
  const coming = opened.waitForEvent('download')
  await dialog.getByRole('button', { name: 'Export', exact: true }).click()
  const file = readFileSync(await (await coming).path(), 'utf8')
  await expect(dialog).toContainText('Validated: read again, 2 exchanges found')
  expect(JSON.parse(file).log.entries).toHaveLength(2)
  expect(file).not.toContain('Lovelace')
  expect(file).toContain('{{scimToken}}')
  expect(server.control).toBeTruthy()
})

test('an export that takes nothing out warns, and rules of ones own are added and taken away', async ({
  opened,
  entra,
}) => {
  await entra.lookFor('ada@example.com')
  await expect(opened.locator('[data-seq="1"]')).toBeVisible()
  await opened.keyboard.press('x')
  const dialog = opened.getByRole('dialog', { name: 'Export' })
  await dialog.getByRole('switch', { name: 'Credentials' }).click()
  await expect(dialog.getByRole('alert')).toContainText('Do not share it')
  await dialog.getByRole('textbox', { name: 'Name, path or pattern' }).fill('User-Agent')
  await opened.keyboard.press('Enter')
  await expect(dialog.getByRole('row', { name: /value named by a rule/ }).first()).toBeVisible()
  await dialog.getByRole('button', { name: 'Remove rule User-Agent' }).click()
  await expect(dialog.getByRole('alert')).toBeVisible()
  await opened.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
})

test('a file that is dropped is imported and shown', async ({ opened }) => {
  const entry = {
    startedDateTime: '2026-01-02T03:04:05Z',
    request: { method: 'DELETE', url: 'https://scim.example.com/scim/v2/Users/4711', headers: [] },
    response: { status: 204, headers: [], content: {} },
  }
  const har = JSON.stringify({ log: { version: '1.2', entries: [entry] } })
  const transfer = await opened.evaluateHandle((text) => {
    const data = new DataTransfer()
    data.items.add(new File([text], 'trace.har'))
    return data
  }, har)
  await expect(opened.getByRole('button', { name: 'Run sample Entra flow' })).toBeVisible()
  await opened.dispatchEvent('body', 'drop', { dataTransfer: transfer })
  const card = opened.getByRole('complementary', { name: 'Importing trace.har' })
  await expect(card).toContainText('1 exchange imported, 1 of them SCIM')
  await card.getByRole('button', { name: 'Show them' }).click()
  await expect(opened.locator('[data-seq="1"]')).toContainText('4711')
})

test.describe('a fixture', () => {
  test.use({ starting: { options: ['--allow-open'], variables: {} } })

  test('that is dropped is opened as a workspace, with the directory that it begins with', async ({
    opened,
    entra,
    server,
  }) => {
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User']
    const fixture = {
      format: 'scim-fixture',
      version: 1,
      initialState: [{ schemas, id: '4711', userName: 'before@example.com', meta: { resourceType: 'User' } }],
      flows: [
        {
          id: '1',
          name: 'one',
          steps: [
            {
              n: 1,
              request: { method: 'DELETE', path: '/Users/4711' },
              response: { status: 204, headers: [] },
            },
          ],
        },
      ],
    }
    await entra.lookFor('ada@example.com')
    await expect(opened.locator('[data-seq="1"]')).toBeVisible()
    const transfer = await opened.evaluateHandle((text) => {
      const data = new DataTransfer()
      data.items.add(new File([text], 'run.fixture.json'))
      return data
    }, JSON.stringify(fixture))
    await opened.dispatchEvent('body', 'drop', { dataTransfer: transfer })
    const card = opened.getByRole('complementary', { name: 'Importing run.fixture.json' })
    await expect(card).toContainText('is temporary and is lost')
    expect((await new AxeBuilder({ page: opened }).include('aside').analyze()).violations.map(({ id }) => id)).toEqual(
      [],
    )
    await card.getByRole('button', { name: 'Open as workspace' }).click()
    await expect(opened.locator('[data-seq="1"]')).toContainText('4711')
    const page = await server.ask<{ total: number }>('/tenants/default/resources/User?at=1')
    expect(page.total).toBe(1)
  })
})
