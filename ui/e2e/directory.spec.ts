import AxeBuilder from '@axe-core/playwright'
import type { APIRequestContext, Page } from '@playwright/test'
import { expect, operations, test, TOKEN, type Entra, type Server } from './server'

const JSON_TYPE = 'application/scim+json'

/** Some users, and a group of them; gives the ids by user name. */
async function populate(entra: Entra, request: APIRequestContext, server: Server, count = 6) {
  const names = ['Ada Lovelace', 'Grace Hopper', 'Alan Turing', 'Barbara Liskov', 'Edsger Dijkstra', 'Radia Perlman']
  const ids = new Map<string, string>()
  for (let at = 0; at < count; at++) {
    const name = names[at] ?? `Person ${String(at).padStart(3, '0')}`
    const userName = `${name.toLowerCase().replace(' ', '.')}@example.com`
    ids.set(userName, await entra.create(userName, name))
  }
  const members = [...ids.values()].map((value) => ({ value }))
  const answer = await request.post(`${server.scim}/Groups`, {
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': JSON_TYPE },
    data: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Research', members },
  })
  const group = ((await answer.json()) as { id: string }).id
  return { ids, group, ada: ids.get('ada.lovelace@example.com') ?? '' }
}

async function go(page: Page, hash: string) {
  await page.evaluate((hash) => (window.location.hash = hash), hash)
}

const rows = (page: Page) => page.getByRole('grid').locator('[role="row"][data-id]')
const pane = (page: Page) => page.getByRole('region', { name: 'Resource', exact: true })

test('what is true now is listed, searched and sorted', async ({ opened, entra, request, server }) => {
  await populate(entra, request, server)
  await opened.keyboard.press('g')
  await opened.keyboard.press('d')
  await expect(opened.getByRole('link', { name: 'Users 6' })).toHaveAttribute('aria-current', 'page')
  await expect(rows(opened)).toHaveCount(6)
  await expect(rows(opened).first()).toContainText('Ada Lovelace')

  await opened.getByRole('button', { name: 'Name', exact: true }).click()
  await opened.getByRole('button', { name: 'Name', exact: true }).click()
  await expect(opened.getByRole('columnheader', { name: 'Name', exact: true })).toHaveAttribute(
    'aria-sort',
    'descending',
  )
  await expect(rows(opened).first()).toContainText('Radia Perlman')

  await opened.keyboard.press('/')
  const filter = opened.getByRole('combobox')
  await expect(filter).toBeFocused()
  await opened.keyboard.type('userName sw "ada"')
  await expect(rows(opened)).toHaveCount(1)
  await expect(opened.getByRole('status').filter({ hasText: '1 of 6' })).toBeVisible()
  await expect(opened.locator('#filter-explained')).toContainText('userName')
  expect(new URL(opened.url()).hash).toContain('filter=')

  await filter.fill('userName eqq "ada"')
  await expect(filter).toHaveAttribute('aria-invalid', 'true')
  await expect(opened.locator('#filter-explained')).toContainText('eqq')
  await expect(rows(opened)).toHaveCount(1)
  await opened.getByRole('button', { name: 'Clear filter' }).click()
  await expect(rows(opened)).toHaveCount(6)
})

test('a filter is completed from the schema', async ({ opened, entra, request, server }) => {
  await populate(entra, request, server, 1)
  await go(opened, '#/directory')
  const filter = opened.getByRole('combobox')
  await filter.click()
  await opened.keyboard.type('userNa')
  const option = opened.getByRole('option', { name: /userName/ }).first()
  await expect(option).toBeVisible()
  await opened.keyboard.press('ArrowDown')
  await expect(option).toHaveAttribute('aria-selected', 'true')
  await opened.keyboard.press('Enter')
  await expect(filter).toHaveValue('userName ')
})

test('a resource is read, and its references lead on both ways', async ({ opened, entra, request, server }) => {
  const { ada, group } = await populate(entra, request, server)
  await go(opened, `#/directory/default/User/${ada}`)
  await expect(pane(opened).getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible()
  await expect(pane(opened)).toContainText('Research')
  await opened.keyboard.press('2')
  await pane(opened).getByRole('link', { name: 'Research' }).click()
  await expect(opened).toHaveURL(new RegExp(`#/directory/default/Group/${group}`))
  await expect(pane(opened).getByRole('heading', { name: 'Research' })).toBeVisible()
  await opened.keyboard.press('2')
  await expect(pane(opened).getByRole('link', { name: 'Grace Hopper' })).toBeVisible()
  await opened.goBack()
  await expect(pane(opened).getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible()
})

test('the members of a large group are searched', async ({ opened, entra, request, server }) => {
  test.slow()
  const { group } = await populate(entra, request, server, 40)
  await go(opened, `#/directory/default/Group/${group}?tab=references`)
  const list = pane(opened).getByRole('region', { name: 'Refers to' })
  await expect(list.getByRole('listitem').first()).toContainText('Ada Lovelace')
  expect(await list.getByRole('listitem').count()).toBeLessThan(20)
  await pane(opened).getByRole('searchbox').fill('person 03')
  await expect(list.getByRole('listitem')).toHaveCount(10)
  await expect(pane(opened).getByText('10 of 40')).toBeVisible()
})

// Its own page: a browser reports the answer 404 about a deleted resource as an error.
test('the list follows what changes, and stays where it is', async ({ page, entra, request, server }) => {
  const { ada } = await populate(entra, request, server, 2)
  await page.goto(`${server.control}/#token=${server.controlToken}`)
  await go(page, `#/directory/default/User/${ada}`)
  await expect(rows(page)).toHaveCount(2)
  await entra.create('late@example.com', 'Late Comer')
  await expect(rows(page)).toHaveCount(3)
  await entra.patch(ada, operations({ op: 'replace', path: 'title', value: 'Countess' }))
  await expect(pane(page)).toContainText('Countess')
  await entra.remove(ada)
  await expect(rows(page)).toHaveCount(2)
  await expect(pane(page).getByRole('alert')).toContainText('There is no such resource')
})

test('the directory is walked with the keyboard alone', async ({ opened, entra, request, server }) => {
  await populate(entra, request, server)
  await go(opened, '#/directory')
  await expect(rows(opened)).toHaveCount(6)
  for (const key of ['j', 'j', 'k', 'j']) await opened.keyboard.press(key)
  await expect(opened.getByRole('grid').getByRole('row', { selected: true })).toContainText('Grace Hopper')
  await expect(pane(opened).getByRole('heading', { name: 'Grace Hopper' })).toBeVisible()
  await opened.keyboard.press('End')
  await expect(pane(opened).getByRole('heading', { name: 'Radia Perlman' })).toBeVisible()
  await opened.keyboard.press('4')
  await expect(pane(opened).getByRole('region', { name: 'User as JSON' })).toContainText('radia.perlman')
  await opened.keyboard.press('Escape')
  await expect(pane(opened)).toHaveCount(0)
  await expect(opened.getByRole('grid')).toBeFocused()
})

test('the palette leads to a resource from anywhere', async ({ opened, entra, request, server }) => {
  await populate(entra, request, server, 3)
  await expect(opened.getByRole('grid')).toBeVisible()
  await opened.keyboard.press('Control+k')
  await opened.keyboard.type('hopper')
  await opened.getByRole('option', { name: /Grace Hopper/ }).click()
  await expect(pane(opened).getByRole('heading', { name: 'Grace Hopper' })).toBeVisible()
})

test('the screen is told as it is', async ({ opened, entra, request, server }) => {
  const { ada } = await populate(entra, request, server, 2)
  await go(opened, `#/directory/default/User/${ada}`)
  await expect(pane(opened).getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible()
  await expect(opened.getByRole('main')).toMatchAriaSnapshot(`
    - heading "Directory" [level=1]
    - navigation "Resource types":
      - link /Users 2/
      - link /Groups 1/
    - button "Time"
    - button "New User"
    - combobox "SCIM filter for resources of type User"
    - grid "Resources of type User":
      - row /Name userName/
      - rowgroup:
        - row /Ada Lovelace ada.lovelace@example.com/ [selected]
        - row /Grace Hopper/
    - separator "Resize list and detail"
    - region "Resource":
      - heading "Ada Lovelace" [level=2]
      - tablist "Parts of the resource":
        - tab "Attributes" [selected]
        - tab /References/
        - tab "History"
        - tab "JSON"
      - tabpanel "Attributes"
  `)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, reducedMotion: 'reduce' })

    test('the directory has no accessibility violations', async ({ opened, entra, request, server }) => {
      test.slow()
      const { ada } = await populate(entra, request, server)
      const violations = async () => {
        const { violations } = await new AxeBuilder({ page: opened }).analyze()
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
      }
      await go(opened, `#/directory/default/User/${ada}`)
      for (const key of ['1', '2', '3', '4', 't']) {
        await opened.keyboard.press(key)
        await expect(opened.getByRole('tabpanel')).toHaveAttribute('aria-busy', 'false')
        expect(await violations(), `after ${key}`).toEqual([])
      }
      await opened.getByRole('combobox').fill('active eqq')
      await expect(opened.getByRole('combobox')).toHaveAttribute('aria-invalid', 'true')
      expect(await violations(), 'with a broken filter').toEqual([])
    })
  })
}
