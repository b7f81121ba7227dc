// What holds of every screen: no accessibility violations in any theme, a stable outline for screen readers, no text that is cut.

import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './server'

const PLACES = [
  'live?seq=3&tab=diff',
  'flows',
  'directory',
  'connect',
  'checks',
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

async function violations(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
}

for (const [name, colorScheme, contrast] of [
  ['light', 'light', false],
  ['dark', 'dark', false],
  ['high contrast', 'dark', true],
] as const) {
  test.describe(name, () => {
    test.use({ colorScheme, reducedMotion: 'reduce' })

    test('no screen has accessibility violations', async ({ opened, entra }) => {
      test.slow()
      if (contrast) await opened.evaluate(() => localStorage.setItem('scimscope.theme', 'contrast'))
      if (contrast) await opened.reload()
      await entra.disable('ada@example.com', 'Ada Lovelace')
      for (const place of PLACES) {
        await go(opened, place)
        expect(await violations(opened), place).toEqual([])
      }
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
      const cut = await opened.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('main *, nav *')]
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
      expect(cut, `${place} at ${width}`).toEqual([])
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
