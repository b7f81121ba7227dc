// Where a long list is scrolled to. The scroll bar of a very long one is only an image of that.

import {
  atEnd,
  furthest,
  moved,
  revealing,
  scrollTopAt,
  spacer,
  span,
  type Geometry,
  type Span,
} from '$lib/live/virtual'

/** After so long without a scroll event the scroll bar is put where the list is. */
const SETTLE_MS = 150

export interface Shape {
  rows: number
  /** In pixels. */
  rowHeight: number
  /** Height of the head, which lies over the rows. */
  header: number
}

export class Scroll {
  element: HTMLElement | undefined = $state()
  width = $state(0)
  height = $state(0)
  /** Where the top of the view lies in the list, in pixels. */
  offset = $state(0)
  readonly geometry: Geometry = $derived.by(() => {
    const { rows, rowHeight, header } = this.#shape()
    return { rows, rowHeight, viewport: Math.max(0, this.height - header) }
  })
  readonly view: Span = $derived(span(this.geometry, this.offset))
  /** A row that leaves the view lends its elements to the one that comes in: a number of elements that stays. */
  readonly pool: number = $derived(Math.ceil(this.geometry.viewport / this.geometry.rowHeight) + 2)
  readonly spacer: number = $derived(spacer(this.geometry))

  #shape: () => Shape
  #moved: () => void
  #top = 0
  #settle: ReturnType<typeof setTimeout> | undefined

  /** `moved` is called when somebody has scrolled. */
  constructor(shape: () => Shape, moved: () => void = () => undefined) {
    this.#shape = shape
    this.#moved = moved
  }

  get atEnd(): boolean {
    return atEnd(this.geometry, this.offset)
  }

  get end(): number {
    return furthest(this.geometry)
  }

  /** Goes there, as far as the list reaches. */
  to(target: number): void {
    this.offset = Math.min(target, this.end)
    this.#put()
  }

  /** Brings a row into sight. */
  reveal(index: number): void {
    this.to(revealing(this.geometry, this.offset, index))
  }

  /** How many whole rows fit. */
  pageRows(): number {
    return Math.max(1, Math.floor(this.geometry.viewport / this.geometry.rowHeight) - 1)
  }

  focus(): void {
    this.element?.focus({ preventScroll: true })
  }

  /** The scroll bar was moved. */
  scrolled(): void {
    const now = this.element?.scrollTop ?? this.#top
    if (now === this.#top) return
    this.offset = moved(this.geometry, this.offset, this.#top, now)
    this.#top = now
    this.#moved()
    clearTimeout(this.#settle)
    this.#settle = setTimeout(() => this.#put(), SETTLE_MS)
  }

  #put(): void {
    if (!this.element) return
    const top = scrollTopAt(this.geometry, this.offset)
    if (Math.abs(this.element.scrollTop - top) > 1) this.element.scrollTop = top
    this.#top = this.element.scrollTop
  }
}
