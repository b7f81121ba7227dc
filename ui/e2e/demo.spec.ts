// A server that shows itself: everybody may look, nobody changes anything.

import { expect, test } from './server'

test.use({
  starting: {
    options: ['--dataset', 'small-company', '--loop', 'entra-sample', '--reset-every', '1h', '--read-only-ui'],
    variables: {},
  },
})

test('a page without a token shows what happens, says that it is a demonstration, and changes nothing', async ({
  page,
  server,
}) => {
  await page.goto(server.control)
  await expect(page.getByText('Demo', { exact: true })).toBeVisible()
  const notice = page.getByRole('status').filter({ hasText: 'This is a demonstration.' })
  await expect(notice).toContainText('nothing can be changed here')
  await expect(notice).toContainText('every hour')
  await expect(page.getByRole('row').filter({ hasText: 'Entra' }).first()).toBeVisible()
  const status = await page.evaluate(() =>
    fetch('/api/v1/reset', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }).then(
      (answer) => answer.status,
    ),
  )
  expect(status).toBe(403)
  await notice.getByRole('button', { name: 'Dismiss' }).click()
  await expect(notice).toBeHidden()
})
