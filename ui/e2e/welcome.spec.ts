import { expect, test, TOKEN } from './server'

test('before the first request the page says how to connect', async ({ opened, server }) => {
  await expect(opened.getByRole('heading', { name: 'Ready for the first request' })).toBeVisible()
  await expect(opened.getByText(server.scim, { exact: true })).toBeVisible()
  await expect(opened.getByText('last request: never')).toBeVisible()
  await expect(opened.getByRole('grid')).toHaveCount(0)
})

test('the token is hidden until it is asked for', async ({ opened }) => {
  await expect(opened.getByText(TOKEN)).toHaveCount(0)
  await opened.getByRole('button', { name: 'Show token' }).click()
  await expect(opened.getByText(TOKEN)).toBeVisible()
})

test('address and token are copied with a click', async ({ opened, server, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await opened.getByRole('button', { name: 'Copy SCIM base URL' }).click()
  expect(await opened.evaluate(() => navigator.clipboard.readText())).toBe(server.scim)
  await opened.getByRole('button', { name: 'Copy bearer token' }).click()
  expect(await opened.evaluate(() => navigator.clipboard.readText())).toBe(TOKEN)
})

test('the control token does not stay in the address', async ({ opened, server }) => {
  await expect(opened.getByRole('heading', { name: 'Ready for the first request' })).toBeVisible()
  expect(opened.url()).toBe(`${server.control}/`)
  await opened.reload()
  await expect(opened.getByRole('heading', { name: 'Ready for the first request' })).toBeVisible()
})

test('without the control token the page asks for it', async ({ page, server }) => {
  await page.goto(server.control)
  await expect(page.getByRole('heading', { name: 'Paste the control token' })).toBeVisible()
  await page.getByLabel('Control token').fill('wrong')
  await page.getByRole('button', { name: 'Open' }).click()
  await expect(page.getByRole('alert')).toContainText('not the token of this server')
  await page.getByLabel('Control token').fill(server.controlToken)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Ready for the first request' })).toBeVisible()
})

test('the connection becomes one line when the first request arrives', async ({ opened, entra, server }) => {
  await expect(opened.getByRole('heading', { name: 'Ready for the first request' })).toBeVisible()
  await entra.lookFor('ada@example.com')
  await expect(opened.getByRole('grid')).toBeVisible()
  await expect(opened.getByRole('heading', { name: 'Ready for the first request' })).toHaveCount(0)
  await expect(opened.getByRole('banner').getByText(server.scim)).toBeVisible()
})

test('the sample flow plays over the real socket and opens at its most telling exchange', async ({
  opened,
  server,
}) => {
  await opened.getByRole('button', { name: 'Run sample Entra flow' }).click()
  await expect(opened.getByRole('tab', { name: /Diff/ })).toHaveAttribute('aria-selected', 'true', { timeout: 15_000 })
  const row = opened.getByRole('tabpanel').getByRole('row', { name: /\bactive\b/ })
  await expect(row.getByRole('cell').nth(1)).toHaveText('true')
  await expect(row.getByRole('cell').nth(2)).toHaveText('false')
  const { head } = await server.ask<{ head: number }>('/exchanges')
  expect(head).toBe(9)
  await expect(opened.getByText('9 exchanges', { exact: true })).toBeVisible()
})

test('the profile is switched in the status bar', async ({ opened, server }) => {
  await opened.getByRole('button', { name: 'Profile: Tolerant' }).click()
  await opened.getByRole('menuitemradio', { name: 'Strict RFC' }).click()
  await expect(opened.getByRole('button', { name: 'Profile: Strict RFC' })).toBeVisible()
  expect(await server.ask<{ name: string }>('/profile')).toMatchObject({ name: 'rfc-strict' })
})
