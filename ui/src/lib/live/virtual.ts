// Scroll arithmetic of a list of equal rows. Engines limit the height of an element (Firefox to about 17 million
// pixels), so beyond `TALLEST` the scroll bar is scaled: exact near both ends, proportional in between, and one to one
// for short movements wherever they happen.

/** The tallest scrolled element that every engine draws. */
export const TALLEST = 8_000_000
/** Near the ends a pixel of the scroll bar is a pixel of the list. */
const EXACT = 1_000_000
/** A movement of up to so many viewports is a wheel, a key or a finger; a longer one is the scroll bar. */
const SHORT_VIEWPORTS = 3

export interface Geometry {
  rows: number
  rowHeight: number
  viewport: number
}

export interface Span {
  /** Index of the first row to draw, from 0. */
  first: number
  /** Index after the last row to draw. */
  end: number
  /** Where the first row lies, relative to the top of the viewport: 0 or negative. */
  shift: number
}

function content(geometry: Geometry): number {
  return geometry.rows * geometry.rowHeight
}

/** Height of the scrolled element. */
export function spacer(geometry: Geometry): number {
  return Math.min(content(geometry), TALLEST)
}

/** The furthest that the list itself can be scrolled. */
export function furthest(geometry: Geometry): number {
  return Math.max(0, content(geometry) - geometry.viewport)
}

/** The offset in the list that belongs to a position of the scroll bar. */
export function offsetAt(geometry: Geometry, scrollTop: number): number {
  const end = furthest(geometry)
  const reach = Math.max(0, spacer(geometry) - geometry.viewport)
  if (end === reach) return clamp(scrollTop, 0, end)
  if (scrollTop <= EXACT) return Math.max(0, scrollTop)
  if (scrollTop >= reach - EXACT) return clamp(end - (reach - scrollTop), 0, end)
  const share = (scrollTop - EXACT) / (reach - 2 * EXACT)
  return EXACT + share * (end - 2 * EXACT)
}

/** The position of the scroll bar that belongs to an offset in the list; the inverse of `offsetAt`. */
export function scrollTopAt(geometry: Geometry, offset: number): number {
  const end = furthest(geometry)
  const reach = Math.max(0, spacer(geometry) - geometry.viewport)
  if (end === reach) return clamp(offset, 0, end)
  if (offset <= EXACT) return Math.max(0, offset)
  if (offset >= end - EXACT) return clamp(reach - (end - offset), 0, reach)
  return EXACT + ((offset - EXACT) / (end - 2 * EXACT)) * (reach - 2 * EXACT)
}

/** The new offset after the scroll bar went from `before` to `after`. */
export function moved(geometry: Geometry, offset: number, before: number, after: number): number {
  const delta = after - before
  if (Math.abs(delta) > SHORT_VIEWPORTS * geometry.viewport) return offsetAt(geometry, after)
  return clamp(offset + delta, 0, furthest(geometry))
}

/** Which rows to draw at this offset. */
export function span(geometry: Geometry, offset: number): Span {
  const { rows, rowHeight, viewport } = geometry
  if (rows === 0 || rowHeight <= 0) return { first: 0, end: 0, shift: 0 }
  const at = clamp(offset, 0, furthest(geometry))
  const first = Math.min(rows - 1, Math.floor(at / rowHeight))
  const end = Math.min(rows, Math.ceil((at + viewport) / rowHeight) + 1)
  return { first, end, shift: first * rowHeight - at }
}

/** The least movement that shows the row with this index whole. */
export function revealing(geometry: Geometry, offset: number, index: number): number {
  const top = index * geometry.rowHeight
  if (top < offset) return top
  const below = top + geometry.rowHeight - geometry.viewport
  return below > offset ? clamp(below, 0, furthest(geometry)) : clamp(offset, 0, furthest(geometry))
}

/** Whether the last row is in sight. */
export function atEnd(geometry: Geometry, offset: number): boolean {
  return offset >= furthest(geometry) - geometry.rowHeight
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}
