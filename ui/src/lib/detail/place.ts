import type { Finding, Place } from '$lib/api/types'
import { characterOffset, type Mark } from '$lib/format/json'

/** Where a finding points, in short. */
export function placeText(place: Place): string {
  switch (place.kind) {
    case 'body':
      return place.pointer === '' ? 'body' : place.pointer
    case 'target':
      return 'target'
    case 'header':
      return place.name
    case 'request':
      return 'request'
  }
}

/** The findings that point into the body, as marks on its text. Spans count bytes, marks count characters. */
export function bodyMarks(findings: Finding[], text: string): Mark[] {
  const marks: Mark[] = []
  for (const { place, code, message } of findings) {
    if (place.kind !== 'body' || !place.span || place.pointer === '') continue
    const start = characterOffset(text, place.span.start)
    const end = characterOffset(text, place.span.end)
    if (end > start) marks.push({ start, end, label: `${code}: ${message}` })
  }
  return marks.sort((left, right) => left.start - right.start || right.end - left.end)
}
