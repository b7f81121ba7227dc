import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from './server'

test.describe('where files may be named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scimscope-e2e-'))
  test.use({ starting: { options: ['--allow-open'], variables: { XDG_STATE_HOME: join(folder, 'state') } } })
  test.afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('a temporary workspace is saved, another one is made, and the first is opened again from the list', async ({
    opened,
    server,
    entra,
  }) => {
    const file = join(folder, 'kept.scimscope')
    const other = join(folder, 'other.scimscope')
    await entra.create('ada@example.com', 'Ada Lovelace')
    await opened.goto(`${server.control}/#/settings/workspace`)
    await opened.getByRole('button', { name: 'Save as…' }).click()
    const form = opened.getByRole('dialog', { name: 'Save workspace as' })
    await form.getByLabel('File').fill(file)
    await form.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(opened.locator('.banners')).toContainText(`Saved as ${file}.`)
    expect(existsSync(file)).toBe(true)
    await expect(opened.getByRole('contentinfo')).toContainText('kept.scimscope')
    await expect(opened.getByRole('contentinfo')).toContainText('Stored before answering')

    await opened.getByRole('button', { name: 'More for the workspace' }).click()
    await opened.getByRole('menuitem', { name: 'New…' }).click()
    const made = opened.getByRole('dialog', { name: 'New workspace' })
    await expect(made.getByLabel('File')).toHaveValue(`${folder}/`)
    await made.getByLabel('File').fill(file)
    await made.getByRole('button', { name: 'Create' }).click()
    await expect(made.getByRole('alert')).toContainText('is there already')
    await made.getByLabel('File').fill(other)
    await made.getByRole('button', { name: 'Create' }).click()
    // The page begins anew in the other one.
    await expect(opened.getByRole('contentinfo')).toContainText('other.scimscope')
    await expect(opened.getByRole('contentinfo')).toContainText('0 exchanges')

    await opened.goto(`${server.control}/#/settings/workspace`)
    const recent = opened.getByRole('list', { name: 'Recent' })
    await expect(recent.getByRole('listitem')).toHaveCount(2)
    await expect(recent.getByRole('listitem').first()).toContainText('other.scimscope')
    await recent.getByRole('button', { name: 'Open kept.scimscope' }).click()
    await expect(opened.getByRole('contentinfo')).toContainText('kept.scimscope')
    await expect(opened.getByRole('contentinfo')).toContainText('1 exchange')

    rmSync(other)
    await opened.goto(`${server.control}/#/settings/workspace`)
    await expect(recent.getByRole('listitem').filter({ hasText: 'other.scimscope' })).toContainText('Missing')
    await opened.getByRole('button', { name: 'Forget other.scimscope' }).click()
    await expect(recent.getByRole('listitem')).toHaveCount(1)
  })

  test('opening asks before a temporary workspace is given up, and says why a file is not opened', async ({
    opened,
    server,
    entra,
  }) => {
    await entra.create('ada@example.com', 'Ada Lovelace')
    await opened.goto(`${server.control}/#/live`)
    await expect(opened.getByRole('contentinfo')).toContainText('1 exchange')
    await opened.keyboard.press('Control+k')
    await opened.getByRole('combobox', { name: 'Command palette' }).fill('open workspace')
    await opened.keyboard.press('Enter')
    const question = opened.getByRole('dialog', { name: 'Give up the temporary workspace?' })
    await question.getByRole('button', { name: 'Give it up' }).click()
    const form = opened.getByRole('dialog', { name: 'Open workspace' })
    writeFileSync(join(folder, 'letter.txt'), 'Dear Ada,')
    await form.getByLabel('File').fill(join(folder, 'letter.txt'))
    await form.getByRole('button', { name: 'Open', exact: true }).click()
    await expect(form.getByRole('alert')).toContainText('is not a Scimscope workspace')
    await form.getByRole('button', { name: 'Cancel' }).click()
    await expect(opened.getByRole('contentinfo')).toContainText('Temporary workspace')
  })
})

test('the durability is chosen, with what it promises and costs', async ({ opened, server }) => {
  await opened.goto(`${server.control}/#/settings/workspace`)
  const group = opened.getByRole('group', { name: 'When an answer leaves' })
  await expect(group.getByRole('radio', { name: 'Relaxed' })).toBeChecked()
  await group.getByRole('radio', { name: 'Power-safe' }).check()
  await expect(opened.getByRole('contentinfo')).toContainText('On the disk before answering')
  const workspace = await server.ask<{ durability: string }>('/workspace')
  expect(workspace.durability).toBe('power_safe')
})

test('without leave the page offers a download instead', async ({ opened, server, entra }) => {
  await entra.create('ada@example.com', 'Ada Lovelace')
  await opened.goto(`${server.control}/#/settings/workspace`)
  await opened.getByRole('button', { name: 'Save as…' }).click()
  const refused = opened.getByRole('dialog', { name: 'Files are not opened from here' })
  await expect(refused).toContainText('--allow-open')
  const downloading = opened.waitForEvent('download')
  await refused.getByRole('button', { name: 'Download a copy' }).click()
  expect((await downloading).suggestedFilename()).toMatch(/\.scimscope$/)
})
