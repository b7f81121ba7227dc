// What the browser itself tells of its frames, its inputs and its memory.

import type { CDPSession, Page } from '@playwright/test'

export interface Distribution {
  count: number
  p50: number
  p95: number
  p99: number
  worst: number
}

export interface Frames {
  /** Milliseconds between the starts of successive frames. */
  intervals: Distribution
  /** Milliseconds from an input to the frame that shows what it did: the browser's event timing. */
  inputs: Distribution
  /** Milliseconds of processor time that the page's own thread took for a frame, on average: this figure hardly depends on what else the machine does. */
  work_per_frame: { all: number; scripts: number; style_and_layout: number }
  /** Milliseconds of processor time of the longest task of the page's thread, while it was traced: likewise. */
  longest_task: number
  /** Milliseconds of the long frames: what scripts, style and layout took. The browser tells those above 50 ms only. */
  long: Distribution
}

export function distribution(values: number[]): Distribution {
  const sorted = [...values].sort((left, right) => left - right)
  const at = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), worst: round(sorted.at(-1) ?? 0) }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

interface Kept {
  intervals: number[]
  inputs: number[]
  long: number[]
  end: () => void
}

/** Processor time of the page's thread so far, in milliseconds. */
async function work(session: CDPSession): Promise<{ all: number; scripts: number; style_and_layout: number }> {
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const { metrics } = await session.send('Performance.getMetrics')
  const ms = (name: string) => (metrics.find((metric) => metric.name === name)?.value ?? 0) * 1_000
  return {
    all: ms('TaskDuration'),
    scripts: ms('ScriptDuration'),
    style_and_layout: ms('LayoutDuration') + ms('RecalcStyleDuration'),
  }
}

/** Begins to note frames and inputs in the page. The result ends that, and tells what was noted. */
export async function watch(page: Page, session: CDPSession): Promise<() => Promise<Frames>> {
  const before = await work(session)
  const trace = await traced(page)
  await page.evaluate(() => {
    const kept: Kept = { intervals: [], inputs: [], long: [], end: () => undefined }
    let last: number | undefined
    let running = true
    const frame = (now: number) => {
      if (last !== undefined) kept.intervals.push(now - last)
      last = now
      if (running) requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
    const seen = (type: string, note: (entry: PerformanceEntry) => void, more: object = {}) => {
      const observer = new PerformanceObserver((list) => list.getEntries().forEach(note))
      observer.observe({ type, ...more })
      return observer
    }
    const observers = [
      seen('event', (entry) => kept.inputs.push(entry.duration), { durationThreshold: 16 }),
      seen('long-animation-frame', (entry) => kept.long.push(entry.duration)),
    ]
    kept.end = () => {
      running = false
      for (const observer of observers) observer.disconnect()
    }
    Object.assign(window, { kept })
  })
  return () => watched(page, session, before, trace)
}

/** A trace of so long is enough, and not too much to keep. */
const TRACED_MS = 15_000

interface TraceEvent {
  name: string
  pid: number
  tid: number
  ph: string
  /** Processor time, in microseconds. */
  tdur?: number
  args: { name?: string }
}

/** Begins to trace the tasks of the browser; the result ends that and gives the longest one of the page's thread. */
async function traced(page: Page): Promise<() => Promise<number>> {
  const browser = page.context().browser()
  if (!browser) return () => Promise.resolve(0)
  const session = await browser.newBrowserCDPSession()
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  const complete = new Promise<void>((done) => session.on('Tracing.tracingComplete', () => done()))
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel'] },
  })
  let ended: Promise<void> | undefined
  const end = () => (ended ??= session.send('Tracing.end').then(() => complete))
  const timer = setTimeout(() => void end(), TRACED_MS)
  return async () => {
    clearTimeout(timer)
    await end()
    const threads = new Set(
      events.filter((event) => event.name === 'thread_name' && event.args.name === 'CrRendererMain').map(threadOf),
    )
    const tasks = events.filter(
      (event) => event.ph === 'X' && event.name.endsWith('RunTask') && threads.has(threadOf(event)),
    )
    const longest = tasks.reduce((most, task) => Math.max(most, task.tdur ?? 0), 0)
    await session.detach()
    return round(longest / 1_000)
  }
}

function threadOf({ pid, tid }: TraceEvent): string {
  return `${pid}:${tid}`
}

async function watched(
  page: Page,
  session: CDPSession,
  before: Awaited<ReturnType<typeof work>>,
  trace: () => Promise<number>,
): Promise<Frames> {
  const after = await work(session)
  const kept = await page.evaluate(() => {
    const { intervals, inputs, long, end } = (window as unknown as { kept: Kept }).kept
    end()
    return { intervals, inputs, long }
  })
  const frames = Math.max(1, kept.intervals.length)
  const each = (name: keyof typeof before) => round((after[name] - before[name]) / frames)
  return {
    longest_task: await trace(),
    work_per_frame: { all: each('all'), scripts: each('scripts'), style_and_layout: each('style_and_layout') },
    intervals: distribution(kept.intervals),
    inputs: distribution(kept.inputs),
    long: distribution(kept.long),
  }
}

/** Bytes that the page's scripts hold after a collection, and how many elements it has. */
export async function memory(session: CDPSession): Promise<{ heap_bytes: number; nodes: number }> {
  await session.send('HeapProfiler.collectGarbage')
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const { metrics } = await session.send('Performance.getMetrics')
  const value = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0
  return { heap_bytes: value('JSHeapUsedSize'), nodes: value('Nodes') }
}
