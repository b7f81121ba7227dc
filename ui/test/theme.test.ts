import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync('src/styles/tokens.css', 'utf8')

function tokens(theme: 'light' | 'dark'): Map<string, string> {
  const block = new RegExp(`\\n:root\\[data-theme='${theme}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? ''
  return new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name ?? '', value ?? '']),
  )
}

function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0)
}

function contrast(left: string, right: string): number {
  const [dark, bright] = [luminance(left), luminance(right)].sort((a, b) => a - b)
  return ((bright ?? 0) + 0.05) / ((dark ?? 0) + 0.05)
}

const PAIRS: [string, string[]][] = [
  ['ink', ['ground', 'surface', 'raised', 'sunken', 'hover', 'selected', 'mark']],
  ['ink-2', ['ground', 'surface', 'raised', 'sunken', 'hover', 'selected']],
  ['ink-3', ['ground', 'surface', 'sunken', 'hover', 'selected']],
  ['accent', ['surface', 'ground', 'raised']],
  ['accent-ink', ['accent', 'accent-hover']],
  ['good', ['good-soft', 'surface', 'selected']],
  ['note', ['note-soft', 'surface', 'selected']],
  ['warn', ['warn-soft', 'surface', 'selected']],
  ['bad', ['bad-soft', 'surface', 'selected']],
  ['bad-solid-ink', ['bad-solid']],
  ['method-get', ['surface', 'hover', 'selected']],
  ['method-post', ['surface', 'hover', 'selected']],
  ['method-put', ['surface', 'hover', 'selected']],
  ['method-patch', ['surface', 'hover', 'selected']],
  ['method-delete', ['surface', 'hover', 'selected']],
  ['syntax-key', ['sunken', 'mark']],
  ['syntax-string', ['sunken', 'mark']],
  ['syntax-number', ['sunken', 'mark']],
  ['syntax-literal', ['sunken', 'mark']],
]

describe.each(['light', 'dark'] as const)('the %s theme', (theme) => {
  const colours = tokens(theme)

  it('has the same colours as the other', () => {
    expect([...colours.keys()].sort()).toEqual([...tokens(theme === 'light' ? 'dark' : 'light').keys()].sort())
  })

  it.each(PAIRS)('writes %s with a contrast of 4.5 to 1 on every ground it stands on', (ink, grounds) => {
    for (const ground of grounds) {
      const found = contrast(colours.get(ink) ?? '', colours.get(ground) ?? '')
      expect(found, `${ink} on ${ground}: ${found.toFixed(2)}`).toBeGreaterThanOrEqual(4.5)
    }
  })
})
