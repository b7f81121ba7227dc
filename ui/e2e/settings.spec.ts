import { expect, test } from './server'

test('a tenant is made, shows its token once, and is deleted after a question', async ({ opened, server }) => {
  await opened.goto(`${server.control}/#/settings/tenants`)
  await opened.getByRole('button', { name: 'New tenant' }).click()
  const form = opened.getByRole('dialog', { name: 'New tenant' })
  await form.getByLabel('Name').fill('acme')
  await form.getByRole('button', { name: 'Strict RFC' }).click()
  await form.getByRole('button', { name: 'Create tenant' }).click()
  const once = opened.getByRole('dialog', { name: 'Bearer token of acme' })
  await expect(once).toBeVisible()
  const token = (await once.locator('code').textContent()) ?? ''
  await once.getByRole('button', { name: 'Done' }).click()
  const card = opened.getByRole('article', { name: 'acme' })
  await expect(card).toContainText('/t/acme/scim/v2')
  const url = (await server.ask<{ local_url: string }>('/tenants/acme')).local_url
  const answer = await fetch(`${url}/Users`, { headers: { authorization: `Bearer ${token}` } })
  expect(answer.status).toBe(200)

  await card.getByRole('button', { name: 'Settings', exact: true }).click()
  const settings = opened.getByRole('dialog', { name: 'Settings of acme' })
  await settings.getByLabel('Public URL').fill('no url')
  await settings.getByRole('button', { name: 'Save' }).click()
  await expect(settings.getByRole('alert')).toContainText('Not done')
  await settings.getByLabel('Public URL').fill('https://scim.example.com')
  await settings.getByRole('button', { name: 'Save' }).click()
  await expect(card).toContainText('https://scim.example.com/')

  await card.getByRole('button', { name: 'More for acme' }).click()
  await opened.getByRole('menuitem', { name: 'Delete' }).click()
  const question = opened.getByRole('dialog', { name: 'Delete acme?' })
  await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await question.getByRole('button', { name: 'Delete tenant' }).click()
  await expect(card).toHaveCount(0)
})

test('a switch of a profile is seen in discovery at once', async ({ opened, server }) => {
  await opened.goto(`${server.control}/#/settings/profiles`)
  await opened.getByRole('switch', { name: 'Sorting' }).click()
  const discovery = opened.getByRole('region', { name: 'Discovery now' })
  await expect(discovery).toContainText('1 value changed')
  await expect(discovery.getByRole('row', { name: /sort\.supported/ })).toContainText('false')
  const config = await fetch(`${server.scim}/ServiceProviderConfig`)
  expect(((await config.json()) as { sort: { supported: boolean } }).sort.supported).toBe(false)
  await opened.getByRole('switch', { name: /for booleans/ }).click()
  await expect(opened.getByRole('switch', { name: /for booleans/ })).toHaveAttribute('aria-checked', 'false')
  await opened.getByRole('button', { name: 'Tolerant', exact: true }).click()
  await expect(opened.getByRole('switch', { name: 'Sorting' })).toHaveAttribute('aria-checked', 'true')
})

test('a credential is made, rotated, revoked, and made believe to have expired', async ({ opened, server }) => {
  const status = async (token: string) =>
    (await fetch(`${server.scim}/Users`, { headers: { authorization: `Bearer ${token}` } })).status
  await opened.goto(`${server.control}/#/settings/credentials`)
  await opened.getByRole('button', { name: 'New credential' }).click()
  const form = opened.getByRole('dialog', { name: 'New credential' })
  await form.getByLabel('Name').fill('Entra')
  await form.getByRole('button', { name: 'Create credential' }).click()
  const once = opened.getByRole('dialog', { name: 'Secret of Entra' })
  const first = (await once.locator('code').textContent()) ?? ''
  await once.getByRole('button', { name: 'Done' }).click()
  await expect(opened.getByText(first)).toHaveCount(0)
  expect(await status(first)).toBe(200)

  await opened.getByRole('button', { name: 'More for Entra' }).click()
  await opened.getByRole('menuitem', { name: 'Rotate' }).click()
  const rotation = opened.getByRole('dialog', { name: 'New secret for Entra' })
  await rotation.getByLabel('Overlap in minutes').fill('0')
  await rotation.getByRole('button', { name: 'Make new secret' }).click()
  const second = (await once.locator('code').textContent()) ?? ''
  await once.getByRole('button', { name: 'Done' }).click()
  expect([await status(first), await status(second)]).toEqual([401, 200])

  await opened.getByRole('button', { name: 'More for Entra' }).last().click()
  await opened.getByRole('menuitem', { name: 'Revoke' }).click()
  await expect(opened.getByText(/^Revoked /)).toBeVisible()
  expect(await status(second)).toBe(401)

  await opened.getByRole('button', { name: 'Expired', exact: true }).click()
  await expect(opened.getByText('Every request is refused while this is on.')).toBeVisible()
})

test('the disk budget is changed, and one that is too small is refused', async ({ opened, server }) => {
  await opened.goto(`${server.control}/#/settings/workspace`)
  const budget = opened.getByRole('spinbutton', { name: 'Disk budget' })
  await budget.fill('1')
  await budget.press('Enter')
  await expect(opened.getByRole('alert')).toContainText('Not done')
  await budget.fill('64')
  await budget.press('Enter')
  await expect(opened.getByRole('alert')).toHaveCount(0)
  await expect(opened.getByRole('contentinfo')).toContainText('of 64 MiB')
  const status = await server.ask<{ disk: { budget_bytes: number } }>('/status')
  expect(status.disk.budget_bytes).toBe(64 * 1024 * 1024)
})
