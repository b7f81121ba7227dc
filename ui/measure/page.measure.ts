// The page under weight: a long record, a steady load, a large body. Writes what the browser tells to SCIMSCOPE_MEASURED;
// `cargo xtask measure page` sets that up.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { test as base, expect, type CDPSession, type Page } from '@playwright/test'
import { memory, watch } from './instruments'

const PROGRAM = need('SCIMSCOPE_BIN')
/** A workspace file with a long record. */
const LONG = need('SCIMSCOPE_LONG')
/** Where the figures go; each part adds its own. */
const FIGURES = need('SCIMSCOPE_MEASURED')
/** A program that takes `steady --url --token --rate --seconds`. */
const LOAD = need('SCIMSCOPE_LOAD')
const RATE = Number(process.env['SCIMSCOPE_RATE'] ?? 2_000)
const SECONDS = Number(process.env['SCIMSCOPE_SECONDS'] ?? 60)
const TOKEN = 'token-of-the-measurement'
const CONTROL_TOKEN = 'control-token-of-the-measurement'
const LARGE_BODY = 10_000_000

function need(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set; run cargo xtask measure page`)
  return value
}

function note(part: string, figures: object): void {
  let all: Record<string, object> = {}
  try {
    all = JSON.parse(readFileSync(FIGURES, 'utf8')) as Record<string, object>
  } catch {
    // The first part begins the file.
  }
  writeFileSync(FIGURES, JSON.stringify({ ...all, [part]: figures }, null, 2) + '\n')
}

interface Server {
  scim: string
  control: string
  started: number
  ready_ms: number
  stop(): Promise<void>
}

async function serve(...more: string[]): Promise<Server> {
  const started = performance.now()
  const ports = ['--listen', '127.0.0.1:0', '--control', '127.0.0.1:0']
  const tokens = ['--token', TOKEN, '--control-token', CONTROL_TOKEN]
  const child = spawn(PROGRAM, ['serve', ...more, ...ports, ...tokens], { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  for await (const chunk of child.stdout) {
    text += String(chunk)
    if (text.includes('\n')) break
  }
  const { scim, control } = JSON.parse(text) as { scim: string; control: string }
  const stop = async () => {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  return { scim, control, started, ready_ms: Math.round(performance.now() - started), stop }
}

const test = base.extend<{ session: CDPSession }>({
  session: async ({ page }, use) => {
    await use(await page.context().newCDPSession(page))
  },
})

async function open(page: Page, server: Server): Promise<void> {
  await page.goto(`${server.control}/#token=${CONTROL_TOKEN}`)
}

async function ask<T>(server: Server, path: string): Promise<T> {
  const answer = await fetch(`${server.control}/api/v1${path}`, {
    headers: { authorization: `Bearer ${CONTROL_TOKEN}` },
  })
  return (await answer.json()) as T
}

const grid = (page: Page) => page.getByRole('grid').first()
/** A row that is drawn and not only held free. */
const drawn = (page: Page) => page.locator('[role="row"][data-seq] time, [role="row"][data-seq] [role="gridcell"] time')

test('start', async ({ page }) => {
  for (const [name, more] of [
    ['empty', []],
    ['long', [LONG]],
  ] as const) {
    const server = await serve(...more)
    await open(page, server)
    const first = name === 'empty' ? page.getByText('last request: never') : drawn(page).first()
    await expect(first).toBeVisible({ timeout: 60_000 })
    note(`start_${name}`, {
      ready_ms: server.ready_ms,
      usable_ms: Math.round(performance.now() - server.started),
      exchanges: (await ask<{ head: number }>(server, '/exchanges?limit=1')).head,
    })
    await page.goto('about:blank')
    await server.stop()
  }
})

test('scroll', async ({ page, session }) => {
  const server = await serve(LONG)
  await open(page, server)
  await expect(drawn(page).first()).toBeVisible({ timeout: 60_000 })
  const box = await grid(page).boundingBox()
  if (!box) throw new Error('the list is not there')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.waitForTimeout(1_000)
  const wheelWatched = await watch(page, session)
  // A hand at the wheel: up through the newest, back, then jumps of the scroll bar over the whole record.
  for (const [distance, speed] of [
    [30_000, 4_000],
    [-20_000, 8_000],
    [120_000, 24_000],
  ] as const) {
    await session.send('Input.synthesizeScrollGesture', {
      x,
      y,
      yDistance: distance,
      speed,
      gestureSourceType: 'mouse',
    })
  }
  const wheel = await wheelWatched()
  const barWatched = await watch(page, session)
  for (let jump = 1; jump <= 60; jump++) {
    const share = (jump * 0.381966) % 1
    await grid(page).evaluate((element, share) => (element.scrollTop = element.scrollHeight * share), share)
    await page.waitForTimeout(80)
  }
  const bar = await barWatched()
  const filled = await grid(page).evaluate(async (element) => {
    const begun = performance.now()
    element.scrollTop = element.scrollHeight * 0.707
    await new Promise((resume) => requestAnimationFrame(resume))
    const whole = () =>
      [...element.querySelectorAll('[role="row"][data-seq]')].every((row) => row.querySelector('time') !== null)
    while (!whole()) await new Promise((resume) => requestAnimationFrame(resume))
    return performance.now() - begun
  })
  note('scroll', {
    exchanges: (await ask<{ head: number }>(server, '/exchanges?limit=1')).head,
    wheel,
    bar,
    jump_to_rows_ms: Math.round(filled),
    memory: await memory(session),
  })
  await page.goto('about:blank')
  await server.stop()
})

test('load', async ({ page, session }) => {
  test.setTimeout((SECONDS + 120) * 1_000)
  const server = await serve()
  await open(page, server)
  await expect(page.getByText('last request: never')).toBeVisible()
  const before = await memory(session)
  const args = ['steady', '--url', server.scim, '--token', TOKEN, '--rate', String(RATE), '--seconds', String(SECONDS)]
  const load = spawn(LOAD, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let given = ''
  load.stdout.on('data', (chunk: Buffer) => (given += chunk.toString()))
  const over = once(load, 'exit')
  await expect(drawn(page).first()).toBeVisible()
  const box = await grid(page).boundingBox()
  if (!box) throw new Error('the list is not there')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  const filter = page.locator('[role="combobox"], [role="searchbox"], input[type="search"]').first()
  await page.waitForTimeout(500)
  const loadWatched = await watch(page, session)
  const heaps: number[] = []
  const end = performance.now() + (SECONDS - 3) * 1_000
  for (let round = 0; performance.now() < end; round++) {
    for (const yDistance of [2_000, -1_200]) {
      const how = { x, y, yDistance, speed: 3_000, gestureSourceType: 'mouse' as const }
      await session.send('Input.synthesizeScrollGesture', how)
    }
    if (await filter.isVisible()) {
      await filter.focus()
      await page.keyboard.type('method:get steady', { delay: 40 })
      await page.waitForTimeout(300)
      await filter.fill('')
      await page.keyboard.press('Escape')
    }
    await grid(page).focus()
    for (let at = 0; at < 10; at++) await page.keyboard.press('k', { delay: 10 })
    await page.keyboard.press('End')
    await page.waitForTimeout(300)
    if (round % 5 === 0) heaps.push((await memory(session)).heap_bytes)
  }
  const frames = await loadWatched()
  await over
  const sent = JSON.parse(given) as { answered: number }
  await expect(grid(page)).toHaveAttribute('aria-rowcount', String(sent.answered + 1), { timeout: 20_000 })
  const missing = await missingRows(page, sent.answered)
  note('load', {
    rate: RATE,
    seconds: SECONDS,
    given: sent,
    missing,
    frames,
    before,
    heap_bytes: heaps,
    after: await memory(session),
  })
  await page.goto('about:blank')
  await server.stop()
})

/** Walks over the whole list; the numbers that no row has, or whose row is not over. */
async function missingRows(page: Page, count: number): Promise<number[]> {
  return grid(page).evaluate(async (element, count) => {
    const seen = new Set<number>()
    const pause = () => new Promise((resume) => requestAnimationFrame(resume))
    const look = () => {
      let whole = true
      for (const row of element.querySelectorAll('[role="row"][data-seq]')) {
        if (row.querySelector('time') && !row.classList.contains('pending'))
          seen.add(Number(row.getAttribute('data-seq')))
        else whole = false
      }
      return whole
    }
    const visit = async (top: number) => {
      element.scrollTop = top
      await pause()
      await pause()
      for (let wait = 0; wait < 300 && !look(); wait++) await pause()
    }
    // The first and the last screenfuls one by one; in between one in each stretch.
    const step = element.clientHeight / 2
    const all = element.scrollHeight
    const ends = 1_000 * 34
    for (let top = 0; top < ends; top += step) await visit(top)
    for (let stretch = 1; stretch < 40; stretch++) await visit((all * stretch) / 40)
    for (let top = all - ends; top < all + step; top += step) await visit(top)
    const ought = [
      ...Array.from({ length: 900 }, (_, at) => at + 1),
      ...Array.from({ length: 900 }, (_, at) => count - at),
    ]
    return ought.filter((seq) => seq > 0 && !seen.has(seq))
  }, count)
}

test('large body', async ({ page, session }) => {
  const server = await serve()
  await open(page, server)
  await expect(page.getByText('last request: never')).toBeVisible()
  const line = '"a value of the large body, as a client would send it"'
  const values = Array.from({ length: Math.floor(LARGE_BODY / (line.length + 1)) }, () => line)
  const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'large' }
  const body = JSON.stringify(user).replace(/}$/, `,"values":[${values.join(',')}]}`)
  await fetch(`${server.scim}/Users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' },
    body,
  }).catch(() => undefined)
  const row = page.locator('[role="row"][data-seq="1"]')
  await expect(row).toBeVisible()
  const opened = []
  for (const view of ['pretty', 'raw'] as const) {
    await page.keyboard.press('Escape')
    await row.click()
    await page.keyboard.press('1')
    await page.waitForTimeout(500)
    if (view === 'raw') await page.keyboard.press('b')
    const textWatched = await watch(page, session)
    const first_text_ms = await page.evaluate(async () => {
      const begun = performance.now()
      window.dispatchEvent(new KeyboardEvent('keydown', { key: '3', bubbles: true }))
      const text = () => document.querySelector('[role="tabpanel"] [role="region"]')?.textContent ?? ''
      while (!text().includes('a value of the large body')) await new Promise((resume) => requestAnimationFrame(resume))
      await new Promise((resume) => requestAnimationFrame(() => setTimeout(resume, 0)))
      return performance.now() - begun
    })
    opened.push({ view, first_text_ms: Math.round(first_text_ms), frames: await textWatched() })
  }
  note('large_body', { bytes: body.length, opened, memory: await memory(session) })
  await page.goto('about:blank')
  await server.stop()
})

/** Members of the large group. */
const MEMBERS = Number(process.env['SCIMSCOPE_MEMBERS'] ?? 100_000)
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'

test('large group', async ({ page, session }) => {
  const server = await serve('--seed', '7', '--users', String(MEMBERS))
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' }
  const scim = async <T>(method: string, path: string, body?: object) => {
    const answer = await fetch(server.scim + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json().catch(() => ({}))) as T
  }
  const ids: string[] = []
  while (ids.length < MEMBERS) {
    const at = `startIndex=${ids.length + 1}&count=1000`
    const { Resources } = await scim<{ Resources: { id: string }[] }>('GET', `/Users?attributes=id&${at}`)
    ids.push(...Resources.map(({ id }) => id))
  }
  const members = ids.map((value) => ({ value }))
  const [left, ...others] = members
  const displayName = 'Everybody'
  const { id } = await scim<{ id: string }>('POST', '/Groups', { schemas: [GROUP], displayName, members: others })
  const patch = (Operations: object[]) =>
    scim('PATCH', `/Groups/${id}`, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations })
  await patch([
    { op: 'add', path: 'members', value: [left] },
    { op: 'remove', path: `members[value eq "${ids[1]}"]` },
  ])
  await scim('PUT', `/Groups/${id}`, { schemas: [GROUP], displayName, members })
  const { head } = await ask<{ head: number }>(server, '/exchanges?limit=1')

  await open(page, server)
  await expect(drawn(page).first()).toBeVisible()
  const views: [view: string, hash: string, sign: string][] = [
    ['its creation as a diff', `live?seq=${head - 2}&tab=diff`, `of ${(MEMBERS - 1).toLocaleString('en')}`],
    ['a PATCH of two as a diff', `live?seq=${head - 1}&tab=diff`, '+1'],
    ['a PUT of all as a diff', `live?seq=${head}&tab=diff`, '+1'],
    ['that request', `live?seq=${head}&tab=request`, '"members"'],
    ['attributes', `directory/default/Group/${id}`, MEMBERS.toLocaleString('en')],
    ['references', `directory/default/Group/${id}?tab=references`, MEMBERS.toLocaleString('en')],
    ['history', `directory/default/Group/${id}?tab=history`, 'version 3'],
    ['JSON', `directory/default/Group/${id}?tab=json`, 'Everybody'],
  ]
  const opened = []
  for (const [view, hash, sign] of views) {
    await page.evaluate(() => (window.location.hash = '#/settings/appearance'))
    await expect(page.getByRole('heading', { name: 'Appearance' })).toBeVisible()
    await page.waitForTimeout(300)
    const watched = await watch(page, session)
    const shown = await page.evaluate(
      async ([hash, sign]) => {
        const begun = performance.now()
        window.location.hash = `#/${hash}`
        const text = () => document.querySelector('[role="tabpanel"]')?.textContent ?? ''
        while (!text().includes(sign) && performance.now() - begun < 30_000)
          await new Promise((resume) => requestAnimationFrame(resume))
        await new Promise((resume) => requestAnimationFrame(() => setTimeout(resume, 0)))
        return text().includes(sign) ? performance.now() - begun : -1
      },
      [hash, sign] as const,
    )
    opened.push({ view, shown_ms: Math.round(shown), frames: await watched() })
  }
  await page.evaluate((hash) => (window.location.hash = hash), `#/directory/default/Group/${id}?tab=references`)
  const list = page.getByRole('tabpanel').getByRole('list').first()
  await expect(list).toBeVisible()
  const watched = await watch(page, session)
  const box = await list.boundingBox()
  if (!box) throw new Error('the members are not there')
  for (const yDistance of [-12_000, -60_000, 30_000])
    await session.send('Input.synthesizeScrollGesture', {
      x: box.x + box.width / 2,
      y: box.y + 60,
      yDistance,
      speed: 12_000,
      gestureSourceType: 'mouse',
    })
  await page.getByRole('tabpanel').getByRole('searchbox').first().pressSequentially('example', { delay: 40 })
  await page.waitForTimeout(800)
  note('large_group', { members: MEMBERS, opened, scrolled: await watched(), memory: await memory(session) })
  await page.goto('about:blank')
  await server.stop()
})
