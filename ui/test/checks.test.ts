import { describe, expect, it, vi } from 'vitest'
import type { FindingGroup, FindingPage } from '$lib/api/types'
import { rfcAddress } from '$lib/checks/rfc'
import { merged, Tally } from '$lib/checks/tally.svelte'
import { ago, commandFor, IDPS, TUNNELS, valuesOf } from '$lib/connect/values'
import { compared } from '$lib/settings/flatten'
import { groups, toleranceRules } from '$lib/settings/switches'
import { strings } from '$lib/strings'
import { sample } from '../dev/sample'

function group(code: string, exchanges: number, seqs: number[], severity: FindingGroup['severity'] = 'tolerated') {
  return {
    code,
    severity,
    title: code,
    explanation: '',
    findings: exchanges * 2,
    exchanges,
    dialects: [{ dialect: 'entra', exchanges }],
    message: `newest of ${code}`,
    samples: seqs.map((seq) => ({ ...sample(1).summary, seq })),
  } satisfies FindingGroup
}

function page(items: FindingGroup[], next?: number): FindingPage {
  return { items, examined: 100, selected: 90, with_findings: 10, head: 250, next: next ?? null }
}

describe('findings by rule', () => {
  it('add up part by part, the newest examples first and the gravest rule first', () => {
    const all = merged([group('T3', 2, [9, 8, 7])], [group('T3', 3, [3, 2, 1]), group('T2', 1, [4], 'error')])
    expect(all.map(({ code, exchanges, findings }) => [code, exchanges, findings])).toEqual([
      ['T2', 1, 2],
      ['T3', 5, 10],
    ])
    expect(all[1]?.samples.map(({ seq }) => seq)).toEqual([9, 8, 7, 3, 2])
    expect(all[1]?.dialects).toEqual([{ dialect: 'entra', exchanges: 5 }])
  })

  it('are asked for until the record ends', async () => {
    const findings = vi
      .fn()
      .mockResolvedValueOnce(page([group('T3', 1, [200])], 150))
      .mockResolvedValueOnce(page([group('T3', 1, [100])], 50))
      .mockResolvedValueOnce(page([]))
    const tally = new Tally({ findings })
    await tally.count('dialect:entra')
    expect(findings.mock.calls).toEqual([
      ['dialect:entra', undefined],
      ['dialect:entra', 150],
      ['dialect:entra', 50],
    ])
    expect([tally.examined, tally.selected, tally.found, tally.more]).toEqual([300, 270, 30, false])
    expect(tally.groups[0]?.exchanges).toBe(2)
  })

  it('forget an old counting when a new one begins', async () => {
    let answer: (page: FindingPage) => void = () => undefined
    const findings = vi
      .fn()
      .mockReturnValueOnce(new Promise((resolve) => (answer = resolve)))
      .mockResolvedValueOnce(page([group('T2', 1, [1])]))
    const tally = new Tally({ findings })
    const old = tally.count('old')
    await tally.count('new')
    answer(page([group('T3', 1, [1])], 100))
    await old
    expect(tally.groups.map(({ code }) => code)).toEqual(['T2'])
    expect(findings).toHaveBeenCalledTimes(2)
  })

  it('lead to the section that they rest on', () => {
    expect(rfcAddress('RFC 7644 section 3.5.2')).toBe('https://www.rfc-editor.org/rfc/rfc7644#section-3.5.2')
    expect(rfcAddress('RFC 9865')).toBe('https://www.rfc-editor.org/rfc/rfc9865')
    expect(rfcAddress('nothing')).toBeUndefined()
  })
})

describe('what to enter at an identity provider', () => {
  it('has the base URL and the token for each', () => {
    for (const idp of IDPS) {
      const values = valuesOf(idp, 'https://example.com/scim/v2', 's3cret', false)
      expect(
        values.some(({ value }) => value === 'https://example.com/scim/v2'),
        idp,
      ).toBe(true)
      for (const { value, secret } of values) expect(value.includes('s3cret'), value).toBe(secret === true)
    }
  })

  it('asks Entra for compliant requests with its parameter', () => {
    expect(valuesOf('entra', 'https://example.com/scim/v2', 't', true)[0]?.value).toBe(
      'https://example.com/scim/v2?aadOptscim062020',
    )
  })

  it('has a command for each tunnel, to the port of the listener', () => {
    for (const { id, command } of TUNNELS) {
      expect(strings.connect.tunnel.options[id]?.name).toBeTruthy()
      expect(commandFor(command, 8787)).toContain('8787')
    }
    expect(commandFor('bore local 80', 8787)).toBeUndefined()
    expect(commandFor(' a {port} b {port} ', 1)).toBe('a 1 b 1')
  })

  it('says how long ago in a unit that fits', () => {
    const at = (seconds: number) => ago('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:00Z') + seconds * 1000)
    expect([at(5), at(600), at(7200 * 2)]).toEqual(['5 s ago', '10 min ago', '4 h ago'])
  })
})

describe('profiles', () => {
  it('have a text for each switch that is shown', () => {
    for (const { id, switches } of groups) {
      expect(strings.settings.profiles.groups[id]).toBeTruthy()
      for (const { name, kind } of switches) {
        const text = strings.settings.profiles.switches[name]
        expect(text, name).toBeDefined()
        expect(text?.options !== undefined, name).toBe(kind === 'choice')
        expect(text?.unit !== undefined, name).toBe(kind === 'number')
      }
    }
    for (const name of Object.keys(toleranceRules))
      expect(strings.settings.profiles.toleranceSwitches[name], name).toBeTruthy()
  })

  it('show what changed in discovery', () => {
    const lines = compared(
      { schemas: ['x'], sort: { supported: false }, bulk: { supported: true } },
      { schemas: ['x'], sort: { supported: true }, bulk: { supported: true }, pagination: { cursor: true } },
    )
    expect(lines).toEqual([
      { path: 'sort.supported', value: 'false', was: 'true' },
      { path: 'bulk.supported', value: 'true', was: undefined },
      { path: 'pagination.cursor', value: undefined, was: 'true' },
    ])
    expect(compared({ sort: true }, undefined)[0]?.was).toBeUndefined()
  })
})
