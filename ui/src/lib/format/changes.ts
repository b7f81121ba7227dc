// Changes of a resource in words, and as a table in Markdown.

import type { Change, Line } from '$lib/api/types'
import { strings } from '$lib/strings'

/** A value in a line of text. */
export function short(value: unknown, most = 60): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (text === undefined) return ''
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}

/** The attribute that a path begins with, and whether the path is about one element of it. */
export function home(path: string): { attribute: string; element: boolean } {
  const end = /[[]/.exec(path)
  return end ? { attribute: path.slice(0, end.index), element: true } : { attribute: path, element: false }
}

/** What people call an element that came or went. */
export function elementName(value: unknown): string {
  if (typeof value !== 'object' || value === null) return short(value)
  const element = value as Record<string, unknown>
  const name = element['display'] ?? element['value'] ?? element['formatted']
  return typeof name === 'string' && name !== '' ? short(name) : short(value)
}

/** One phrase for a line. */
function phrase(line: Line): string {
  const words = strings.density
  if (line.action === 'added') return words.set(line.path, short(line.after))
  if (line.action === 'removed') return words.unset(line.path, short(line.before))
  return words.change(line.path, short(line.before), short(line.after))
}

/** Whole elements that came to or went from a list are counted; everything else is a phrase of its own. */
export function phrases(lines: Line[], most = 8): string[] {
  const out: string[] = []
  const counts = new Map<string, { added: Line[]; removed: Line[] }>()
  for (const line of lines) {
    const { attribute, element } = home(line.path)
    const whole = element && /\]$/.test(line.path) && line.action !== 'changed'
    if (!whole) {
      out.push(phrase(line))
      continue
    }
    const count = counts.get(attribute) ?? { added: [], removed: [] }
    count[line.action === 'added' ? 'added' : 'removed'].push(line)
    counts.set(attribute, count)
  }
  for (const [attribute, { added, removed }] of counts) {
    const names = (list: Line[], value: (line: Line) => unknown) =>
      list.length <= 2 ? ` (${list.map((line) => elementName(value(line))).join(', ')})` : ''
    const parts = []
    if (added.length) parts.push(strings.density.more(added.length, attribute) + names(added, (line) => line.after))
    if (removed.length)
      parts.push(strings.density.less(removed.length, attribute) + names(removed, (line) => line.before))
    out.unshift(parts.join(', '))
  }
  return out.length > most ? [...out.slice(0, most), strings.density.and(out.length - most)] : out
}

function cell(value: unknown): string {
  if (value === undefined) return strings.none
  return `\`${short(value, 200).replaceAll('|', '\\|').replaceAll('`', "'").replaceAll('\n', ' ')}\``
}

/** The lines as a table for an issue or a chat. */
export function markdown(title: string, lines: Line[]): string {
  const { path, before, after, operation } = strings.diff
  const attributed = lines.some((line) => line.operation !== undefined && line.operation !== null)
  const head = ['', path, before, after, ...(attributed ? [operation] : [])]
  const rows = lines.map((line) => [
    `${strings.diff.glyph[line.action]} ${strings.diff.action[line.action]}`,
    `\`${line.path.replaceAll('|', '\\|')}\``,
    cell(line.before),
    cell(line.after),
    ...(attributed ? [line.operation === undefined || line.operation === null ? '' : String(line.operation + 1)] : []),
  ])
  const write = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [`**${title}**`, '', write(head), write(head.map(() => '---')), ...rows.map(write), ''].join('\n')
}

/** "User Ada Lovelace modified, revision 3". */
export function title(change: Change): string {
  const heading = strings.diff.heading(change)
  return `${heading.type} ${change.display} ${heading.word}, ${heading.revision}`
}
