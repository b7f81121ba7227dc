// The page as one file: what an export to HTML gives, opened from the disk without a server.

import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, operations, test, type Server } from './server'

/** Writes everything that was recorded into a page, and opens it without a network. */
async function exported(server: Server, page: Page, path: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${server.controlToken}`, 'content-type': 'application/json' }
  const job = { kind: 'export', scope: { by: 'all' }, format: 'html', redaction: { people: true } }
  const started = await fetch(`${server.control}/api/v1/jobs`, { method: 'POST', headers, body: JSON.stringify(job) })
  const { id } = (await started.json()) as { id: number }
  await expect
    .poll(async () => (await server.ask<{ state: string }>(`/jobs/${id}`)).state, { timeout: 20_000 })
    .toBe('done')
  const file = await fetch(`${server.control}/api/v1/jobs/${id}/result`, { headers })
  writeFileSync(path, Buffer.from(await file.arrayBuffer()))
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('console', (message) => {
    if (message.type() === 'error') asked.push(message.text())
  })
  page.on('pageerror', (error) => asked.push(String(error)))
  await page.goto(pathToFileURL(path).href)
  return asked
}

async function violations(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
}

test.describe('the page as one file', () => {
  test.beforeEach(async ({ entra }) => {
    const id = await entra.create('ada@example.com', 'Ada Lovelace')
    await entra.patch(id, operations({ op: 'Replace', path: 'active', value: 'False' }))
    await entra.lookFor('ada@example.com')
  })

  for (const colorScheme of ['light', 'dark'] as const)
    test(`shows what was recorded, in ${colorScheme}, and asks nobody`, async ({ server, browser }, info) => {
      const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce', offline: true })
      const page = await context.newPage()
      const path = info.outputPath('exchanges.html')
      const asked = await exported(server, page, path)
      await expect(page.locator('[data-seq="2"]')).toBeVisible()
      await expect(page.getByText('Read-only', { exact: true })).toBeVisible()
      expect(await violations(page)).toEqual([])
      await page.locator('[data-seq="2"]').click()
      await page.keyboard.press('Enter')
      await page.keyboard.press('2')
      await expect(page.getByRole('tabpanel')).toContainText('active')
      for (const tab of ['1', '3', '4', '5', '6']) {
        await page.keyboard.press(tab)
        await expect(page.getByRole('tabpanel')).not.toBeEmpty()
        await expect(page.getByRole('tabpanel')).not.toContainText('cannot be')
      }
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('g')
      await page.keyboard.press('f')
      await expect(page.getByRole('option').first()).toBeVisible()
      await expect(page.locator('.lane h2')).toBeVisible()
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('g')
      await page.keyboard.press('c')
      await expect(page.getByRole('navigation').getByText('T2')).toBeVisible()
      expect(await violations(page)).toEqual([])
      expect(asked.filter((url) => url !== page.url().replace(/#.*/, ''))).toEqual([])
      const text = await page.content()
      expect(text).not.toContain('Lovelace')
      await context.close()
    })

  test('is filtered, and offers nothing that needs a server', async ({ server, page }, info) => {
    await exported(server, page, info.outputPath('exchanges.html'))
    await expect(page.locator('[data-seq="1"]')).toBeVisible()
    await page.keyboard.press('/')
    await page.keyboard.type('method:patch')
    await page.keyboard.press('Enter')
    await expect(page.locator('[data-seq="2"]')).toBeVisible()
    await expect(page.locator('[data-seq="1"]')).toBeHidden()
    await page.keyboard.type('body:x')
    await expect(page.getByText('cannot be asked in a file')).toBeVisible()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    const palette = page.getByRole('dialog')
    await expect(palette).toBeVisible()
    for (const word of ['Export', 'Import', 'Replay', 'Settings', 'Pause'])
      await expect(palette.getByRole('option', { name: new RegExp(`^${word}`) })).toHaveCount(0)
    await page.keyboard.press('Escape')
    for (const name of ['Directory', 'Rules', 'Connect', 'Settings'])
      await expect(page.getByRole('link', { name })).toHaveCount(0)
  })

  test('is a list that can be read without JavaScript', async ({ server, browser }, info) => {
    const context = await browser.newContext({ javaScriptEnabled: false, offline: true })
    const page = await context.newPage()
    await exported(server, page, info.outputPath('exchanges.html'))
    await expect(page.getByRole('heading', { name: 'SCIM exchanges' })).toBeVisible()
    await expect(page.getByRole('row')).toHaveCount(3 + (await page.getByRole('table').count()))
    await expect(page.getByText('PATCH')).toBeVisible()
    await context.close()
  })
})
