// Pictures of what is done with a record: flows, replay, rules, seeds, files.

import type { Page } from '@playwright/test'
import { expect, test, type Server } from '../e2e/server'
import { picture } from './picture'

async function call(server: Server, method: string, path: string, body: object) {
  const answer = await fetch(`${server.control}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${server.controlToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.ok, `${path}: ${answer.status}`).toBe(true)
}

async function go(page: Page, place: string) {
  await page.evaluate((place) => (window.location.hash = `#/${place}`), place)
  await expect(page.getByRole('main').getByRole('heading').first()).toBeVisible()
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, viewport: { width: 1360, height: 820 }, deviceScaleFactor: 2, reducedMotion: 'reduce' })

    test(`newer screens, ${colorScheme}`, async ({ opened, server }) => {
      test.slow()
      await opened.getByRole('button', { name: 'Run sample Entra flow' }).click()
      await expect(opened.getByText('9 exchanges', { exact: true })).toBeVisible({ timeout: 20_000 })
      await expect(opened.getByRole('contentinfo').getByText(/\d flows/)).toBeVisible()
      // What is offered after the sample would lie over every picture.
      const offer = opened.getByText(/The sample.s exchanges carry the tag/)
      await offer.locator('xpath=..').getByRole('button').last().click()
      await expect(offer).toBeHidden()
      await go(opened, 'flows/3')
      await expect(opened.getByRole('table').first()).toBeVisible()
      await picture(opened, `flows-${colorScheme}`)

      await call(server, 'POST', '/tenants', { name: 'staging', profile: 'rfc-strict' })
      await go(opened, 'replay/new')
      await opened.getByLabel('Tenant', { exact: true }).selectOption('staging')
      await opened.getByRole('button', { name: 'Replay at staging' }).click()
      const run = opened.getByRole('region', { name: 'Run 1' })
      await expect(run.getByText('Complete')).toBeVisible()
      await run
        .getByRole('row', { name: /Different/ })
        .first()
        .click()
      await expect(opened.getByRole('region', { name: 'What is different' })).toBeVisible()
      await picture(opened, `replay-${colorScheme}`)

      await go(opened, 'rules')
      await opened.getByRole('button', { name: /^Add .Rate-limited API/ }).click()
      await expect(opened.getByRole('list', { name: /Rules, in the order/ }).getByRole('listitem')).toHaveCount(2)
      await picture(opened, `rules-${colorScheme}`)

      await go(opened, 'seed')
      await opened.getByRole('button', { name: /^University 800/ }).click()
      // Not every machine has letters for everybody.
      for (const origin of await opened
        .getByRole('group', { name: 'Where people come from' })
        .getByRole('button')
        .all())
        if (
          /Japanese|Chinese|Arabic/.test(await origin.innerText()) &&
          (await origin.getAttribute('aria-pressed')) === 'true'
        )
          await origin.click()
      await opened.getByRole('button', { name: 'Take snapshot' }).click()
      await expect(opened.getByRole('heading', { name: 'Snapshot 1' })).toBeVisible()
      await opened.getByRole('button', { name: /^Make \d+ users/ }).click()
      await expect(opened.getByText(/came, as revision/)).toBeVisible()
      await picture(opened, `seed-${colorScheme}`)

      await go(opened, 'live')
      await opened.keyboard.press('x')
      await expect(opened.getByRole('dialog', { name: 'Export' }).getByRole('table')).toBeVisible()
      await picture(opened, `export-${colorScheme}`)
    })
  })
}
