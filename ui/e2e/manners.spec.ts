import { expect, test } from './server'

test('nothing is asked of any host but our own', async ({ page, server, entra }) => {
  const strangers: string[] = []
  const own = new URL(server.control).host
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol !== 'data:' && url.host !== own) strangers.push(request.url())
  })
  await page.goto(`${server.control}/#token=${server.controlToken}`)
  await entra.disable('ada@example.com', 'Ada Lovelace')
  for (const place of ['live?seq=3&tab=diff', 'flows', 'directory', 'checks', 'connect', 'settings/appearance']) {
    await page.evaluate((place) => (window.location.hash = `#/${place}`), place)
    await expect(page.getByRole('main')).toBeVisible()
    await page.waitForLoadState('networkidle').catch(() => undefined)
  }
  expect(strangers).toEqual([])
})

test('the server is paused and resumed from the palette, and says so', async ({ opened, entra }) => {
  await entra.lookFor('ada@example.com')
  await opened.keyboard.press('Control+k')
  await opened.keyboard.type('pause the server')
  await opened.keyboard.press('Enter')
  await expect(opened.getByText('Scimscope is paused')).toBeVisible()
  await expect(opened.getByRole('banner').getByText('Paused', { exact: true })).toBeVisible()
  await opened.getByRole('button', { name: 'Resume' }).click()
  await expect(opened.getByText('Scimscope is paused')).toHaveCount(0)
  await expect(opened.getByRole('banner').getByText('Listening', { exact: true })).toBeVisible()
})

test('the welcome is shown again and leads back; the About box lists versions and licences', async ({
  opened,
  entra,
}) => {
  await entra.lookFor('ada@example.com')
  await expect(opened.locator('[data-seq="1"]')).toBeVisible()
  await opened.keyboard.press('Control+k')
  await opened.keyboard.type('welcome')
  await opened.keyboard.press('Enter')
  await expect(opened.getByRole('heading', { name: 'Welcome' })).toBeVisible()
  await opened.getByRole('link', { name: 'Back to Live' }).click()
  await expect(opened.locator('[data-seq="1"]')).toBeVisible()

  await opened.keyboard.press('Control+k')
  await opened.keyboard.type('about')
  await opened.keyboard.press('Enter')
  const about = opened.getByRole('dialog', { name: /Scimscope \d/ })
  await expect(about.getByRole('row', { name: /^svelte .* MIT$/ })).toBeVisible()
  await expect(about.getByRole('row', { name: /^hyper .* MIT$/ })).toHaveCount(1)
  await expect(about.getByText('Tauri')).toHaveCount(0)
  await opened.keyboard.press('Escape')
  await expect(about).toBeHidden()
})
