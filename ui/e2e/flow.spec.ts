import { expect, operations, sendBytes, test, TOKEN } from './server'

test('an Entra flow shows up as it arrives, with its diff and its bytes', async ({ opened, entra, server }) => {
  await expect(opened.getByText('last request: never')).toBeVisible()
  const { id, body } = await entra.disable('ada@example.com', 'Ada Lovelace')

  const rows = opened.getByRole('grid').getByRole('row')
  const patch = rows.filter({ hasText: 'PATCH' })
  await expect(patch).toBeVisible()
  await expect(patch).toContainText('Ada Lovelace')
  await expect(patch).toContainText('T3')
  await patch.click()

  await opened.getByRole('tab', { name: /Diff/ }).click()
  const panel = opened.getByRole('tabpanel')
  await expect(panel.getByRole('heading', { name: /User Ada Lovelace modified, revision \d+/ })).toBeVisible()
  const line = panel.getByRole('row', { name: /active/ })
  await expect(line.getByRole('rowheader')).toHaveText('active')
  await expect(line.getByRole('cell').nth(0)).toContainText('changed')
  await expect(line.getByRole('cell').nth(1)).toHaveText('true')
  await expect(line.getByRole('cell').nth(2)).toHaveText('false')

  await opened.getByRole('tab', { name: 'Request' }).click()
  await expect(panel.getByText('"False"')).toBeVisible()
  await panel.getByRole('button', { name: 'Raw', exact: true }).click()
  const raw = panel.getByRole('region', { name: 'Request as it was on the wire' })
  await expect(raw).toContainText(`PATCH /scim/v2/Users/${id} HTTP/1.1`)
  await expect(raw).toContainText(body)
  await expect(raw).not.toContainText(TOKEN)

  await opened.getByRole('tab', { name: 'Response' }).click()
  await expect(panel.getByRole('region', { name: 'Response as it was on the wire' })).toContainText('HTTP/1.1 20')
  expect((await server.ask<{ head: number }>('/exchanges')).head).toBe(3)
})

test('rows appear within 200 ms of the answer', async ({ opened, entra }) => {
  // Noted in the page, so that the time of the test's own questions does not count.
  await opened.evaluate(() => {
    const seen: Record<string, number> = {}
    Object.assign(window, { seen })
    new MutationObserver(() => {
      for (const row of document.querySelectorAll('[role="row"][data-seq]')) {
        const name = /timed-\d@example\.com/.exec(row.textContent)?.[0]
        if (name) seen[name] ??= Date.now()
      }
    }).observe(document.body, { childList: true, subtree: true, characterData: true })
  })
  const waits: number[] = []
  for (let at = 0; at < 5; at++) {
    const name = `timed-${at}@example.com`
    await entra.lookFor(name)
    const answered = Date.now()
    await expect(opened.getByRole('grid').getByRole('row').filter({ hasText: name })).toBeVisible()
    const shown = await opened.evaluate(
      (name) => (window as unknown as { seen: Record<string, number> }).seen[name],
      name,
    )
    waits.push((shown ?? Infinity) - answered)
  }
  // The median: one of them may fall into a pause of a busy machine.
  expect(waits.sort((left, right) => left - right)[2]).toBeLessThan(200)
})

test('the bytes shown are the bytes sent', async ({ opened, server }) => {
  const { host } = new URL(server.scim)
  const body = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],\r\n  "userName" : "grace@example.com"}'
  const request =
    `POST /scim/v2/Users HTTP/1.1\r\nHost: ${host}\r\nX-fOo:   a\r\nx-foo: b\r\nAuthorization: Bearer ${TOKEN}\r\n` +
    `Content-Type: application/scim+json\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const answer = await sendBytes(server.scim, request)
  expect(answer).toContain('HTTP/1.1 201')

  await opened.getByRole('grid').getByRole('row').filter({ hasText: 'POST' }).click()
  await opened.keyboard.press('3')
  await opened.getByRole('button', { name: 'Raw', exact: true }).click()
  await opened.getByRole('button', { name: 'Show secrets' }).click()
  const raw = opened.getByRole('region', { name: 'Request as it was on the wire' })
  await expect(raw).toContainText(TOKEN)
  expect(await raw.evaluate((element) => element.textContent)).toBe(request)
  await opened.keyboard.press('4')
  const response = opened.getByRole('region', { name: 'Response as it was on the wire' })
  await expect(response).toContainText('HTTP/1.1 201')
  expect(await response.evaluate((element) => element.textContent)).toBe(answer)
})

test('an operation without effect and a refused one say why', async ({ opened, entra }) => {
  const id = await entra.create('ada@example.com', 'Ada Lovelace')
  await entra.patch(
    id,
    operations(
      { op: 'Replace', path: 'displayName', value: 'Ada Lovelace' },
      { op: 'Add', path: 'title', value: 'Countess' },
    ),
  )
  const refused = await entra.patch(
    id,
    operations({ op: 'replace', path: 'title', value: 'Queen' }, { op: 'replace', path: 'nonsense', value: 1 }),
  )
  expect(refused.status()).toBe(400)
  const rows = opened.getByRole('grid').getByRole('row')
  const panel = opened.getByRole('tabpanel')

  await rows.filter({ hasText: 'PATCH' }).first().click()
  await opened.keyboard.press('2')
  await expect(panel.getByRole('button', { name: /Operation 1\s*Replace\s*displayName\s*no effect/ })).toBeVisible()
  await panel.getByRole('button', { name: /Operation 2/ }).hover()
  await expect(panel.getByRole('row', { name: /title/ })).toHaveClass(/hit/)

  await rows.filter({ hasText: '400' }).click()
  await expect(panel.getByRole('button', { name: /Operation 2\s*replace\s*nonsense\s*refused/ })).toBeVisible()
  await expect(panel.getByText('Refused, so nothing was changed')).toBeVisible()
  await expect(panel.getByRole('row', { name: /title/ })).toContainText('Queen')
})

test('what is not HTTP is seen as bytes', async ({ opened, server }) => {
  await sendBytes(server.scim, Uint8Array.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]))
  await opened.getByRole('grid').getByRole('row').nth(1).click()
  await opened.keyboard.press('3')
  await expect(opened.getByRole('tabpanel').getByRole('region').first()).toContainText('16 03 01 02 00')
})

test('a wrong token and a broken body are refused, seen and explained', async ({ opened, request, server }) => {
  const json = 'application/scim+json'
  await request.get(`${server.scim}/Users`, { headers: { authorization: 'Bearer nonsense' } })
  await request.post(`${server.scim}/Users`, {
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': json },
    data: Buffer.from('{"userName": "ada", "active": tru'),
  })
  const rows = opened.getByRole('grid').getByRole('row')
  await rows.filter({ hasText: '401' }).click()
  await expect(opened.getByText('Access decision')).toBeVisible()
  await expect(opened.getByText('stopped here')).toHaveCount(1)
  await rows.filter({ hasText: '400' }).click()
  await opened.keyboard.press('3')
  await expect(opened.getByText('Broken JSON')).toBeVisible()
})
