import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test, type Entra } from './server'

async function violations(page: Page) {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finish?.())).catch(() => undefined),
  )
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
}

/** Looks for Ada and creates her. */
async function record(page: Page, entra: Entra) {
  await entra.lookFor('ada@example.com')
  await entra.create('ada@example.com', 'Ada Lovelace')
  await expect(page.locator('[data-seq="2"]')).toBeVisible()
}

test('what is chosen in the list is planned, replayed at another tenant, and all the same', async ({
  opened,
  entra,
}) => {
  await record(opened, entra)
  await opened.locator('[data-seq="1"]').click()
  await opened.locator('[data-seq="2"]').click({ modifiers: ['Control'] })
  await opened.keyboard.press('Shift+R')
  await expect(opened.getByRole('region', { name: 'New replay' })).toBeVisible()
  await expect(opened.getByText('2 requests, 1 of them changes something')).toBeVisible()
  await opened.getByRole('button', { name: 'Make an empty tenant for it' }).click()
  await expect(opened.getByLabel('Tenant', { exact: true })).toHaveValue('replay-1')
  expect(await violations(opened)).toEqual([])
  await opened.getByRole('button', { name: 'Replay at replay-1' }).click()
  const run = opened.getByRole('region', { name: 'Run 1' })
  await expect(run.getByText('Complete')).toBeVisible()
  await expect(run.getByText('Same', { exact: true }).first()).toBeVisible()
  await expect(run.locator('[data-step="1"]')).toContainText('201')
  expect(await violations(opened)).toEqual([])
})

test('a difference is seen side by side, ignored by a chip, and compared with another run', async ({
  opened,
  entra,
}) => {
  test.slow()
  await record(opened, entra)
  // The user is there already: creating her once more is refused.
  await opened.locator('[data-seq="2"]').click()
  await opened.keyboard.press('r')
  const run = opened.getByRole('region', { name: 'Run 1' })
  await expect(run.locator('[data-step="0"]')).toContainText('409')
  await expect(run.locator('[data-step="0"]')).toContainText('status')
  await opened.keyboard.press('j')
  const pane = opened.getByRole('region', { name: 'What is different' })
  await expect(pane.getByRole('button', { name: 'Ignore status everywhere' })).toBeVisible()
  await expect(pane.getByText('Answers side by side, with recorded ids')).toBeVisible()
  expect(await violations(opened)).toEqual([])
  await pane.getByRole('button', { name: 'Ignore status everywhere' }).click()
  await expect(run.getByRole('button', { name: 'Count status again' })).toBeVisible()
  await run.getByRole('button', { name: 'Count status again' }).click()
  await pane.getByRole('button', { name: 'Accept as the new expectation' }).click()
  await expect(pane.getByText('Accepted: replays of this exchange')).toBeVisible()

  await run.getByRole('button', { name: 'Replay again' }).click()
  await expect(opened.getByText('accepted answer')).toBeVisible()
  await opened.getByRole('button', { name: 'Replay at default' }).click()
  const second = opened.getByRole('region', { name: 'Run 2' })
  await expect(second.getByText('Same', { exact: true }).first()).toBeVisible()
  await second.getByRole('button', { name: 'More' }).click()
  await opened.getByRole('menuitem', { name: 'Compare with run 1' }).click()
  await expect(opened.getByText('1 step did not')).toBeVisible()
  expect(await violations(opened)).toEqual([])
})

test('another machine is asked about first, with its name and the number of writes', async ({ opened, entra }) => {
  await record(opened, entra)
  await opened.keyboard.press('g')
  await opened.keyboard.press('r')
  await opened.getByRole('button', { name: 'Another server' }).click()
  await opened.getByRole('textbox', { name: 'SCIM base URL' }).fill('http://192.0.2.1:9/scim/v2')
  await expect(opened.getByText('Another machine')).toBeVisible()
  await opened.getByRole('button', { name: 'Bearer token', exact: true }).click()
  await opened.getByLabel('Token', { exact: true }).fill('a-secret')
  await expect(opened.getByText('Credentials stay in memory')).toBeVisible()
  await opened.getByRole('button', { name: 'Replay at 192.0.2.1:9' }).click()
  const dialog = opened.getByRole('dialog')
  await expect(dialog).toContainText(
    '192.0.2.1:9 is not this machine. 2 requests will be sent there, and 1 of them changes',
  )
  await expect(dialog.getByRole('button', { name: 'Agree and replay' })).toBeDisabled()
  expect(await violations(opened)).toEqual([])
  await opened.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  const kept = await opened.evaluate(() => JSON.stringify(localStorage))
  expect(kept).not.toContain('a-secret')
})

test('step by step the run waits for a key before each request', async ({ opened, entra }) => {
  await record(opened, entra)
  await opened.keyboard.press('g')
  await opened.keyboard.press('r')
  await opened.getByRole('button', { name: 'Make an empty tenant for it' }).click()
  await opened.getByRole('button', { name: 'Step by step' }).click()
  await opened.getByRole('button', { name: 'Replay at replay-1' }).click()
  const run = opened.getByRole('region', { name: 'Run 1' })
  await expect(run.getByRole('button', { name: 'Next step' })).toBeVisible()
  await expect(run.locator('[data-step]')).toHaveCount(0)
  await run.getByRole('button', { name: 'Next step' }).click()
  await expect(run.locator('[data-step="0"]')).toBeVisible()
  await run.getByRole('button', { name: 'Go on' }).click()
  await expect(run.getByText('Complete')).toBeVisible()
})
