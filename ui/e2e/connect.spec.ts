import AxeBuilder from '@axe-core/playwright'
import { expect, test, TOKEN } from './server'

test('values for each identity provider are copied, with the token hidden until asked for', async ({
  opened,
  server,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const clipboard = () => opened.evaluate(() => navigator.clipboard.readText())
  await opened.goto(`${server.control}/#/connect`)
  await expect(opened.getByText('Local only').first()).toBeVisible()
  await opened.getByRole('button', { name: 'Copy Secret token' }).click()
  expect(await clipboard()).toBe(TOKEN)
  await opened.getByRole('switch', { name: /compliant PATCH/ }).click()
  await opened.getByRole('button', { name: 'Copy Tenant URL' }).click()
  expect(await clipboard()).toBe(`${server.scim}?aadOptscim062020`)
  await opened.getByRole('tab', { name: 'Okta' }).click()
  await expect(opened.getByRole('tabpanel')).toContainText('Unique identifier field for users')
  await expect(opened.getByRole('tabpanel')).not.toContainText(TOKEN)
  await opened.getByRole('button', { name: 'Copy the command of ngrok' }).click()
  expect(await clipboard()).toBe(`ngrok http ${new URL(server.scim).port}`)
})

test('the self-test passes at the local address and says what is wrong with a dead one', async ({ opened, server }) => {
  await opened.goto(`${server.control}/#/connect`)
  await opened.getByRole('button', { name: 'Run self-test' }).click()
  const steps = opened.getByRole('list', { name: /^Tested/ })
  await expect(steps.getByRole('listitem').filter({ hasText: 'Arrived here' })).toContainText('2 requests arrived here')
  await expect(
    opened.getByRole('region', { name: 'Connect' }).getByText('It works, with the reservations below.'),
  ).toBeVisible()

  await opened.getByRole('textbox', { name: 'Public URL' }).fill('http://127.0.0.1:9/scim/v2')
  await opened.getByRole('button', { name: 'Set', exact: true }).click()
  await expect(opened.getByText('Public URL set').first()).toBeVisible()
  await expect(steps).toHaveCount(0)
  await opened.getByRole('button', { name: 'Run self-test' }).click()
  await expect(steps.getByRole('listitem').filter({ hasText: 'Connection' })).toContainText('Start the tunnel')
  await opened.getByRole('button', { name: 'Remove' }).click()
  await expect(opened.getByText('Local only').first()).toBeVisible()
})

test('a command of one’s own gets the port, and Entra’s flag is seen in what arrives', async ({
  opened,
  server,
  entra,
}) => {
  await opened.goto(`${server.control}/#/connect`)
  const own = opened.getByRole('textbox', { name: 'Command with {port}' })
  await own.fill('bore local --to bore.example.com')
  await expect(opened.getByText('Write {port} where the port goes.')).toBeVisible()
  await own.fill('bore local {port}')
  await expect(opened.getByText(`bore local ${new URL(server.scim).port}`)).toBeVisible()
  await entra.disable('ada@example.com', 'Ada Lovelace')
  await expect(opened.getByText('as without the flag')).toBeVisible()
  expect((await new AxeBuilder({ page: opened }).analyze()).violations.map(({ id }) => id)).toEqual([])
})

test('while nothing right arrives, the last refusal is named', async ({ opened, server, request }) => {
  await opened.goto(`${server.control}/#/connect`)
  await expect(opened.getByText('No request has arrived yet.')).toBeVisible()
  await expect(opened.getByText('No public URL is set, so')).toBeVisible()
  await request.get(`${server.scim}/Users`, { headers: { authorization: 'Bearer nonsense' } })
  await expect(opened.getByText('Last request that was refused with 401')).toBeVisible()
  await opened.getByRole('link', { name: 'Open exchange 1' }).click()
  await expect(opened.locator('[data-seq="1"]')).toHaveAttribute('aria-selected', 'true')
})
