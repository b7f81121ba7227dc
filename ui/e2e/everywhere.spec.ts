// What holds of every screen: no accessibility violations in any theme, a stable outline for screen readers, no text that is cut.

import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test, type Server } from './server'

const PLACES = [
  'live?seq=3&tab=diff',
  'flows',
  'directory',
  'replay',
  'replay/new',
  'rules',
  'rules?from=3',
  'checks',
  'seed',
  'connect',
  'settings/tenants',
  'settings/profiles',
  'settings/credentials',
  'settings/server',
  'settings/workspace',
  'settings/appearance',
]

async function go(page: Page, place: string) {
  await page.evaluate((place) => (window.location.hash = `#/${place}`), place)
  await expect(page.getByRole('main').getByRole('heading').first()).toBeVisible()
  await expect(page.getByText('Loading…')).toHaveCount(0)
  // Colours are compared when nothing is on its way from one to another.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finish?.())).catch(() => undefined),
  )
}

/** What stands above a screen, opened by hand; Escape or its button closes it. */
const OVERLAYS: [name: string, open: (page: Page) => Promise<void>][] = [
  [
    'export dialog',
    async (page) => {
      await page.keyboard.press('x')
      await expect(page.locator('dialog[open] table')).toBeVisible()
    },
  ],
  [
    'import card',
    async (page) => {
      const transfer = await page.evaluateHandle(() => {
        const data = new DataTransfer()
        data.items.add(new File(['{"log": '], 'a trace with a name that is rather long.har'))
        return data
      })
      await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
      await expect(page.getByRole('complementary').getByRole('alert')).toBeVisible()
    },
  ],
]

/** Replays what was recorded at a tenant of its own, and shows the run. */
async function replayed(page: Page, server: Server) {
  const call = (path: string, body: object) =>
    fetch(`${server.control}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.controlToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  expect((await call('/tenants', { name: 'other', profile: 'rfc-strict' })).ok).toBe(true)
  await go(page, 'replay/new')
  await page.getByLabel('Tenant', { exact: true }).selectOption('other')
  await page.getByRole('button', { name: 'Replay at other' }).click()
  await expect(page.getByRole('region', { name: 'Run 1' }).getByText('Complete')).toBeVisible()
}

async function violations(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
}

/** Texts that do not fit where they stand. */
function cut(page: Page) {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('main *, nav *, dialog[open] *, aside *')]
      .filter((element) => {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim())
        const style = getComputedStyle(element)
        // Wire data and sentences of exchanges may end in dots; what is for screen readers alone has no room.
        if (!own || style.textOverflow === 'ellipsis' || element.closest('code, .visually-hidden')) return false
        if (style.clipPath !== 'none' || element.offsetParent === null) return false
        const hides = style.overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1
        // What is wider than its pane and can be scrolled there is not cut.
        for (let pane = element.parentElement; pane; pane = pane.parentElement)
          if (getComputedStyle(pane).overflowX === 'auto' && pane.scrollWidth > pane.clientWidth) return false
        const box = element.getBoundingClientRect()
        return hides || box.right > window.innerWidth + 1 || box.left < -1
      })
      .map((element) => `${element.tagName} ${element.textContent?.slice(0, 60)}`),
  )
}

for (const [name, colorScheme, contrast] of [
  ['light', 'light', false],
  ['dark', 'dark', false],
  ['high contrast', 'dark', true],
] as const) {
  test.describe(name, () => {
    test.use({ colorScheme, reducedMotion: 'reduce' })

    test('no screen has accessibility violations', async ({ opened, entra, server }) => {
      test.slow()
      if (contrast) await opened.evaluate(() => localStorage.setItem('scimscope.theme', 'contrast'))
      if (contrast) await opened.reload()
      await entra.disable('ada@example.com', 'Ada Lovelace')
      for (const place of PLACES) {
        await go(opened, place)
        expect(await violations(opened), place).toEqual([])
        await opened.keyboard.press('Escape')
      }
      for (const [name, open] of OVERLAYS) {
        await go(opened, 'live')
        await open(opened)
        expect(await violations(opened), name).toEqual([])
        await opened.keyboard.press('Escape')
      }
      await replayed(opened, server)
      await opened.keyboard.press('j')
      await expect(opened.getByRole('region', { name: 'What is different' })).toBeVisible()
      expect(await violations(opened), 'a run').toEqual([])
      await go(opened, 'live')
      await opened.keyboard.press('Control+k')
      await expect(opened.getByRole('combobox', { name: 'Command palette' })).toBeFocused()
      expect(await violations(opened), 'palette').toEqual([])
    })
  })
}

test('no text is cut in the test locale, wide or narrow', async ({ opened, entra }) => {
  test.slow()
  await opened.evaluate(() => localStorage.setItem('scimscope.pseudo', 'on'))
  await opened.reload()
  await entra.disable('ada@example.com', 'Ada Lovelace')
  for (const width of [1280, 700]) {
    await opened.setViewportSize({ width, height: 800 })
    for (const place of PLACES) {
      await opened.evaluate((place) => (window.location.hash = `#/${place}`), place)
      await expect(opened.getByRole('main').getByRole('heading').first()).toBeVisible()
      expect(await cut(opened), `${place} at ${width}`).toEqual([])
      await opened.keyboard.press('Escape')
    }
    for (const [name, open] of OVERLAYS) {
      await opened.evaluate(() => (window.location.hash = '#/live'))
      await open(opened)
      expect(await cut(opened), `${name} at ${width}`).toEqual([])
      await opened.keyboard.press('Escape')
    }
  }
})

test.describe('at twice the size', () => {
  test.use({ reducedMotion: 'reduce' })

  test('everything is still reached', async ({ opened, entra }) => {
    // A window of 1280 at 200 % has as much room as one of 640.
    await opened.setViewportSize({ width: 640, height: 400 })
    await entra.disable('ada@example.com', 'Ada Lovelace')
    for (const place of PLACES) {
      await go(opened, place)
      const overflow = await opened.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect(overflow, place).toBeLessThanOrEqual(0)
    }
  })
})

test('every screen is walked through with the keyboard alone', async ({ opened, entra }) => {
  await entra.disable('ada@example.com', 'Ada Lovelace')
  await expect(opened.locator('[data-seq="3"]')).toBeVisible()
  for (const [key, heading] of [
    ['n', 'Connect'],
    ['r', 'Runs'],
    ['u', 'Rules'],
    ['e', 'Seed & snapshots'],
    ['c', 'Checks'],
    ['s', 'Settings'],
  ] as const) {
    await opened.keyboard.press('g')
    await opened.keyboard.press(key)
    await expect(opened.getByRole('heading', { name: heading, exact: true }).first()).toBeVisible()
  }
  // From the settings on by Tab: a section, then a control in it.
  await opened.getByRole('link', { name: 'Tenants' }).focus()
  for (let tabs = 0; tabs < 12; tabs++) {
    await opened.keyboard.press('Tab')
    if (await opened.getByRole('button', { name: 'New tenant' }).evaluate((it) => it === document.activeElement)) break
  }
  await expect(opened.getByRole('button', { name: 'New tenant' })).toBeFocused()
  await opened.keyboard.press('Enter')
  await expect(opened.getByRole('dialog', { name: 'New tenant' })).toBeVisible()
  await opened.keyboard.press('Escape')
  await expect(opened.getByRole('dialog')).toHaveCount(0)
  await expect(opened.getByRole('button', { name: 'New tenant' })).toBeFocused()
})

test('screen readers find the rail, the screen and the state', async ({ opened, entra }) => {
  await entra.disable('ada@example.com', 'Ada Lovelace')
  await go(opened, 'settings/appearance')
  await expect(opened.getByRole('navigation', { name: 'Sections of the settings' })).toMatchAriaSnapshot(`
    - navigation "Sections of the settings":
      - heading "Settings" [level=1]
      - list:
        - listitem:
          - link "Tenants"
        - listitem:
          - link "Profiles"
        - listitem:
          - link "Credentials"
        - listitem:
          - link "Server"
        - listitem:
          - link "Workspace"
        - listitem:
          - link "Appearance"
  `)
  await expect(opened.getByRole('region', { name: 'Appearance' })).toMatchAriaSnapshot(`
    - region "Appearance":
      - heading "Appearance" [level=2]
      - paragraph
      - group "Theme":
        - button "Follow the system" [pressed]
        - button "Light"
        - button "Dark"
        - button "High contrast"
      - group "Motion"
      - group "Texts"
  `)
  await go(opened, 'checks')
  await expect(opened.getByRole('navigation', { name: 'Rules' })).toMatchAriaSnapshot(`
    - navigation "Rules":
      - list:
        - listitem:
          - button /Tolerated/
  `)
})

test('replay, export and the rule builder are used with the keyboard alone', async ({ opened, entra }) => {
  await entra.disable('ada@example.com', 'Ada Lovelace')
  await expect(opened.locator('[data-seq="3"]')).toBeVisible()
  await opened.keyboard.press('g')
  await opened.keyboard.press('r')
  await expect(opened.getByText('3 requests, 2 of them change something')).toBeVisible()
  await opened.keyboard.press('Control+Enter')
  const run = opened.getByRole('region', { name: 'Run 1' })
  await expect(run.getByText('Complete')).toBeVisible()
  await opened.keyboard.press('j')
  await expect(opened.getByRole('region', { name: 'What is different' })).toBeVisible()
  await opened.keyboard.press('Escape')
  await expect(opened.getByRole('region', { name: 'What is different' })).toHaveCount(0)

  await opened.keyboard.press('x')
  const dialog = opened.getByRole('dialog', { name: 'Export' })
  await expect(dialog.getByRole('radio', { name: 'HAR', exact: true })).toBeFocused()
  await opened.keyboard.press('ArrowRight')
  await expect(dialog.getByRole('radio', { name: 'Fixture', exact: true })).toBeChecked()
  await opened.keyboard.press('Tab')
  await expect(dialog.getByRole('switch', { name: 'Credentials' })).toBeFocused()
  await opened.keyboard.press('Escape')
  await expect(dialog).toBeHidden()

  await opened.keyboard.press('g')
  await opened.keyboard.press('u')
  await opened.keyboard.press('a')
  await expect(opened.getByRole('dialog', { name: 'New rule' }).getByRole('textbox', { name: 'Name' })).toBeFocused()
  await opened.keyboard.press('Escape')
  await expect(opened.getByRole('dialog')).toHaveCount(0)
})

test('screen readers find what the newer screens are made of', async ({ opened, entra, server }) => {
  await entra.disable('ada@example.com', 'Ada Lovelace')
  await replayed(opened, server)
  await expect(opened.getByRole('region', { name: 'Run 1' })).toMatchAriaSnapshot(`
    - region "Run 1":
      - heading "Everything" [level=2]
      - button "Replay again"
      - status
      - group "Does not count:":
        - button "ids" [pressed]
      - switch "Only what is not the same"
      - grid "Steps, recorded beside replayed":
        - row /Different PATCH/:
          - gridcell "Different"
  `)
  await go(opened, 'rules')
  await expect(opened.getByRole('region', { name: 'Rules' })).toMatchAriaSnapshot(`
    - region "Rules":
      - heading "Rules" [level=1]
      - button "New rule"
      - heading /No rules/ [level=2]
      - region "Ready sets":
        - heading "Ready sets" [level=2]
        - list:
          - listitem:
            - heading "Entra quarantine" [level=3]
  `)
  await go(opened, 'seed')
  await expect(opened.getByRole('main')).toMatchAriaSnapshot(`
    - main:
      - heading "Seed & snapshots" [level=1]
      - region "Seed & snapshots":
        - region "Make a directory up":
          - heading "Make a directory up" [level=2]
          - group "Ready datasets"
          - group "Recipe":
            - spinbutton "Seed number"
          - region "Preview"
        - region "Snapshots":
          - heading "Snapshots" [level=2]
          - textbox "Name"
          - button "Take snapshot"
  `)
  await go(opened, 'live')
  await OVERLAYS[0]?.[1](opened)
  await expect(opened.getByRole('dialog')).toMatchAriaSnapshot(`
    - dialog "Export":
      - heading "Export" [level=2]
      - group "Format":
        - radio "HAR" [checked]
      - region "Taken out before":
        - heading "Taken out before" [level=3]
        - switch "Credentials" [checked]
        - switch "People"
      - group "Taken out before":
        - table
      - status
      - button "Close"
      - button "Export"
  `)
  await opened.keyboard.press('Escape')
  await OVERLAYS[1]?.[1](opened)
  await expect(opened.getByRole('complementary')).toMatchAriaSnapshot(`
    - complementary /a trace/:
      - alert
      - button "Close"
  `)
})
