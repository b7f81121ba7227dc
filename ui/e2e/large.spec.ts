// A group of many members: it is opened, compared and searched in pieces, so nothing of it has to be whole in the page.

import { expect, operations, test, TOKEN } from './server'

const MEMBERS = 3_000
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'

test.use({ starting: { options: ['--seed', '7', '--users', String(MEMBERS)], variables: {} } })

test('a group of thousands opens, is scrolled and searched, and its changes are told in numbers', async ({
  opened,
  request,
  server,
}) => {
  test.slow()
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' }
  const ids: string[] = []
  while (ids.length < MEMBERS) {
    const page = await request.get(`${server.scim}/Users?attributes=id&count=1000&startIndex=${ids.length + 1}`, {
      headers,
    })
    ids.push(...((await page.json()) as { Resources: { id: string }[] }).Resources.map(({ id }) => id))
  }
  const [left, gone] = ids
  const group = await request.post(`${server.scim}/Groups`, {
    headers,
    data: { schemas: [GROUP], displayName: 'Everybody', members: ids.slice(1).map((value) => ({ value })) },
  })
  expect(group.status()).toBe(201)
  const { id } = (await group.json()) as { id: string }
  const change = await request.patch(`${server.scim}/Groups/${id}`, {
    headers,
    data: operations(
      { op: 'add', path: 'members', value: [{ value: left }] },
      { op: 'remove', path: `members[value eq "${gone}"]` },
    ),
  })
  expect([200, 204]).toContain(change.status())

  await opened.evaluate(() => (window.location.hash = '#/live?seq=5&tab=diff'))
  const panel = opened.getByRole('tabpanel')
  await expect(panel.getByText('+1 −1 of 2,999')).toBeVisible()
  await opened.evaluate(() => (window.location.hash = '#/live?seq=4&tab=diff'))
  await expect(panel.getByText('+2,999 of 2,999')).toBeVisible()
  // A few rows stand for thousands.
  expect(await panel.getByRole('listitem').count()).toBeLessThan(60)

  await opened.evaluate((id) => (window.location.hash = `#/directory/default/Group/${id}?tab=references`), id)
  const members = panel.getByRole('list').first()
  await expect(members.getByRole('link').first()).toBeVisible()
  expect(await members.getByRole('listitem').count()).toBeLessThan(60)
  const search = panel.getByRole('searchbox').first()
  await search.fill('zzzz-nobody')
  await expect(panel.getByRole('link')).toHaveCount(0)
  await search.fill('')
  await expect(members.getByRole('link').first()).toBeVisible()
})
