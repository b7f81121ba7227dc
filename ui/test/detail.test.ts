import { fireEvent, render, screen, within } from '@testing-library/svelte'
import { describe, expect, it, vi } from 'vitest'
import DiffTab from '$lib/detail/DiffTab.svelte'
import MessageTab from '$lib/detail/MessageTab.svelte'
import SummaryTab from '$lib/detail/SummaryTab.svelte'
import { blob, garbage, sample } from '../dev/sample'

const words = (element: Element) => element.textContent.replace(/\s+/g, ' ').trim()
const cells = (row: Element) => [...row.children].map(words).join(' ')

describe('the diff', () => {
  it('reads: active, changed, true, false, operation 1', () => {
    render(DiffTab, { exchange: sample(5) })
    const row = screen.getByRole('row', { name: /active/ })
    expect(cells(row)).toBe('~changed active true → false op 1')
  })

  it('says whose state it is and which revision it made', () => {
    render(DiffTab, { exchange: sample(5) })
    expect(words(screen.getByRole('heading', { name: /Ada Lovelace/ }))).toBe('User Ada Lovelace modified, revision 9')
  })

  it('shows which lines an operation changed when it is pointed at', async () => {
    render(DiffTab, { exchange: sample(5) })
    const second = screen.getByRole('button', { name: /Operation 2/ })
    await fireEvent.pointerEnter(second)
    expect(screen.getByRole('row', { name: /department/ }).className).toContain('hit')
    expect(screen.getByRole('row', { name: /active/ }).className).toContain('aside')
    await fireEvent.pointerLeave(second)
    expect(screen.getByRole('row', { name: /active/ }).className).not.toContain('aside')
  })

  it('keeps an operation that was clicked', async () => {
    render(DiffTab, { exchange: sample(5) })
    const first = screen.getByRole('button', { name: /Operation 1/ })
    await fireEvent.click(first)
    expect(first.getAttribute('aria-pressed')).toBe('true')
    expect(screen.getByRole('row', { name: /active/ }).className).toContain('hit')
  })

  it('says why an operation had no effect', () => {
    render(DiffTab, { exchange: sample(5) })
    screen.getByRole('button', { name: /Operation 3\s*Replace title\s*no effect\s*title is "Analyst" already/ })
  })

  it('shows what a refused write would have changed', () => {
    render(DiffTab, { exchange: sample(6) })
    screen.getByText('Refused, so nothing was changed')
    expect(cells(screen.getByRole('row', { name: /title/ }))).toBe('~changed title "Analyst" → "Countess" op 1')
    screen.getByRole('button', { name: /Operation 2\s*replace id\s*refused\s*id is readOnly/ })
  })

  it('says so when nothing was changed', () => {
    render(DiffTab, { exchange: sample(1) })
    screen.getByText('A read changes nothing.')
  })

  it('draws a part of a very long diff', async () => {
    const exchange = sample(4)
    const change = exchange.changes[0]
    if (!change) throw new Error('the sample has a change')
    const lines = Array.from({ length: 1000 }, (_, index) => ({
      path: `members[value eq "${index}"]`,
      action: 'added' as const,
      after: { value: String(index) },
      operation: 0,
    }))
    render(DiffTab, { exchange: { ...exchange, changes: [{ ...change, lines }] } })
    screen.getByText('+1,000 of 1,000')
    expect(screen.getAllByRole('listitem').length).toBeLessThan(40)
    const search = screen.getByRole('searchbox', { name: 'Search in members' })
    await fireEvent.input(search, { target: { value: '"777"' } })
    expect(screen.getAllByRole('listitem').filter((item) => item.textContent.includes('added'))).toHaveLength(1)
    await fireEvent.input(search, { target: { value: 'nobody' } })
    screen.getByText('None of them has this text.')
  })

  it('draws a part of a very long table', async () => {
    const exchange = sample(4)
    const change = exchange.changes[0]
    if (!change) throw new Error('the sample has a change')
    const lines = Array.from({ length: 1000 }, (_, index) => ({
      path: `attribute${index}`,
      action: 'added' as const,
      after: index,
      operation: 0,
    }))
    render(DiffTab, { exchange: { ...exchange, changes: [{ ...change, lines }] } })
    expect(screen.getAllByRole('row')).toHaveLength(201)
    await fireEvent.click(screen.getByRole('button', { name: 'Show 800 more lines' }))
    expect(screen.getAllByRole('row')).toHaveLength(1001)
  })
})

describe('a message', () => {
  const request = (exchange = sample(5), reveal = false, onreveal = vi.fn()) =>
    render(MessageTab, { exchange, side: 'request', scimUrl: 'http://127.0.0.1:8787/scim/v2', reveal, onreveal })

  it('masks the token until it is asked for', async () => {
    const onreveal = vi.fn()
    const { rerender } = request(sample(5), false, onreveal)
    const row = screen.getByRole('row', { name: /Authorization/ })
    expect(row.textContent).toContain('Bearer ••••••••')
    expect(document.body.textContent).not.toContain('sample-token')
    await fireEvent.click(within(row).getByRole('button', { name: 'Show the value of Authorization' }))
    expect(onreveal).toHaveBeenCalledWith(true)
    await rerender({ reveal: true })
    expect(row.textContent).toContain('Bearer sample-token-0123456789abcdef')
  })

  it('shows the raw bytes as they were, token masked', async () => {
    const exchange = sample(5)
    request(exchange)
    await fireEvent.click(screen.getByRole('button', { name: 'Raw' }))
    const raw = screen.getByRole('region', { name: 'Request as it was on the wire' }).textContent
    expect(raw).toBe(
      exchange.request.head.text.replace(/Bearer [^\r]+/, 'Bearer ••••••••') + exchange.request.body.text,
    )
  })

  it('marks the bytes that a finding points at', () => {
    request()
    const marks = [...document.querySelectorAll('mark')].map((mark) => [mark.textContent, mark.title.slice(0, 2)])
    expect(marks).toEqual([
      ['"Replace"', 'T2'],
      ['"False"', 'T3'],
    ])
  })

  it('shows the query as sent and decoded', () => {
    request(sample(1))
    expect(document.body.textContent).toContain('?filter=userName+eq+%22ada.lovelace%40example.com%22')
    expect(document.body.textContent).toContain('?filter=userName eq "ada.lovelace@example.com"')
    expect(document.querySelector('mark')?.textContent).toBe('+eq+')
  })

  it('shows what was not HTTP as bytes', () => {
    request(garbage(10))
    expect(screen.getByRole('region').textContent).toContain('16 03 01 02 00')
  })

  it('does not draw a huge body at once', async () => {
    const exchange = sample(5)
    const huge = `{"text":"${'x'.repeat(500_000)}"}`
    request({ ...exchange, findings: [], request: { ...exchange.request, body: blob(huge) } })
    const body = screen.getByRole('region', { name: 'Request body' })
    expect(body.textContent?.length).toBeLessThan(201_000)
    await fireEvent.click(screen.getByRole('button', { name: 'Show all' }))
    expect(body.textContent?.length).toBeGreaterThan(500_000)
  })

  it('says that the response has not left', () => {
    const exchange = { ...sample(5), response: null, ending: null }
    render(MessageTab, { exchange, side: 'response', scimUrl: 'http://x/', reveal: false, onreveal: vi.fn() })
    screen.getByText('The response has not left yet.')
  })
})

describe('the summary', () => {
  it('tells what was tolerated, with the rule and where it says otherwise', () => {
    render(SummaryTab, { exchange: sample(5), durable: true, onopen: vi.fn() })
    screen.getByText('active was sent as the string "False"')
    screen.getByText('RFC 7643 section 2.3.2')
    screen.getByText('string_booleans')
  })

  it('shows the way to the decision about access, and where it stopped', () => {
    render(SummaryTab, { exchange: sample(7), durable: true, onopen: vi.fn() })
    screen.getByText('another one than the configured ****cdef')
    screen.getByText('stopped here')
  })

  it('leads to the diff', async () => {
    const onopen = vi.fn()
    render(SummaryTab, { exchange: sample(5), durable: true, onopen })
    await fireEvent.click(screen.getByRole('button', { name: /Open diff/ }))
    expect(onopen).toHaveBeenCalledWith('diff')
  })
})
