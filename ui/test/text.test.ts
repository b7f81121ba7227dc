import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { clock, duration, hexDump, memory, size } from '$lib/format/format'
import { strings } from '$lib/strings'

describe('numbers for people', () => {
  it('choose their unit', () => {
    expect([420, 7_300, 128_400, 1_240_000, 90_000_000].map((us) => duration(us))).toEqual([
      '0.42 ms',
      '7.3 ms',
      '128 ms',
      '1.24 s',
      '90 s',
    ])
    expect(duration(undefined)).toBe('')
    expect([312, 17_800, 268_435_456].map(memory)).toEqual(['312 B', '17.4 KiB', '256 MiB'])
    expect([312, 4100, 6_200_000].map(size)).toEqual(['312 B', '4.1 kB', '6.2 MB'])
  })

  it('show times to the millisecond', () => {
    expect(clock('2026-01-12T11:02:11.482913Z')).toMatch(/^\d\d:\d\d:11[.,]482$/)
    expect(clock('not a time')).toBe('not a time')
  })

  it('dump bytes', () => {
    expect(hexDump(new Uint8Array([0x47, 0x45, 0x54, 0x0a]))).toBe(`00000000  47 45 54 0a${' '.repeat(36)}  GET·`)
  })
})

describe('the catalogue of strings', () => {
  it('counts in the singular and the plural', () => {
    expect(strings.status.rows(1)).toBe('1 exchange')
    expect(strings.status.rows(0)).toBe('0 exchanges')
    expect(strings.list.announced(3, 1)).toBe('3 new requests, 1 error')
    expect(
      strings.status.resources([
        { resource_type: 'User', count: 1 },
        { resource_type: 'Group', count: 2 },
      ]),
    ).toBe('1 User · 2 Groups')
  })

  it('has a sentence for an exchange that has none yet', () => {
    expect(strings.sentence({ sentence: '', method: 'GET', closed: false })).toBe('Request is arriving…')
    expect(strings.sentence({ sentence: '', method: '', closed: true })).toBe('Not HTTP')
  })

  it('holds every text that components show', () => {
    const found: string[] = []
    const visit = (folder: string) => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name)
        if (entry.isDirectory()) visit(path)
        else if (entry.name.endsWith('.svelte')) {
          const markup = readFileSync(path, 'utf8')
            .replace(/<script[\s\S]*?<\/script>/g, '')
            .replace(/<style[\s\S]*?<\/style>/g, '')
            .replace(/<!--[\s\S]*?-->/g, '')
          for (const [, text] of markup.matchAll(/(?<!=)>\s*([A-Za-z][a-z]+ [a-z]+[^<{]*)</g))
            found.push(`${path}: ${text}`)
          for (const [text] of markup.matchAll(/\b(?:aria-label|title|placeholder|alt)="[^"{]*[A-Za-z]{2}[^"]*"/g))
            if (!text.includes('{')) found.push(`${path}: ${text}`)
        }
      }
    }
    visit('src')
    expect(found).toEqual([])
  })
})
