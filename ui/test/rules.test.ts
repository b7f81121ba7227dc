import { describe, expect, test } from 'vitest'
import type { Rule, RuleAction } from '../src/lib/api/rules'
import { action, beginning, fields, FieldProblem, OFFERS } from '../src/lib/rules/actions'
import { draftOf, empty, ruleOf } from '../src/lib/rules/draft'
import { strings } from '../src/lib/strings'

const rule = (of: Partial<Rule>): Rule => ({
  id: 'one',
  name: 'One',
  enabled: true,
  when: {},
  action: { kind: 'malformed' } as RuleAction,
  seed: 0,
  ...of,
})

describe('actions of rules', () => {
  test('every one that is offered begins with values that make it, and has its texts', () => {
    for (const { id, parameters } of OFFERS) {
      const made = action(id, beginning(id))
      expect(fields(made).id).toBe(id)
      expect(action(id, fields(made).values), id).toEqual(made)
      expect(strings.faults.actions[id], id).toBeTruthy()
      expect(strings.faults.about[id], id).toBeTruthy()
      for (const { name } of parameters) expect(strings.faults.parameters[name], name).toBeTruthy()
    }
  })

  test('what is optional and empty is left out, also when it is read back', () => {
    const made = action('status', { ...beginning('status'), status: '500', scim_type: '', detail: ' ' })
    expect(made).toEqual({ kind: 'status', status: 500, retry_after_as: 'seconds' })
    expect(fields(made).values).toMatchObject({ status: '500', detail: '', retry_after_s: '' })
    expect(fields({ kind: 'reset' } as RuleAction).values).toEqual({ after_bytes: '' })
  })

  test('what cannot be read is named', () => {
    const why = (id: string, values: Record<string, string>) => {
      try {
        action(id, { ...beginning(id), ...values })
      } catch (error) {
        return error instanceof FieldProblem ? [error.field, error.why] : error
      }
      return undefined
    }
    expect(why('status', { status: 'many' })).toEqual(['status', 'whole'])
    expect(why('status', { status: '' })).toEqual(['status', 'missing'])
    expect(why('edit', { patch: '[' })).toEqual(['patch', 'json'])
    expect(why('wrong_length', { by: '-3' })).toBeUndefined()
  })
})

describe('a rule in the builder', () => {
  test('is the same after it was read into fields and back', () => {
    const whole = rule({
      when: {
        methods: ['GET', 'PATCH'],
        path: '/Users/*',
        resource_type: 'User',
        filter: 'userName eq',
        dialect: 'entra',
        headers: [{ name: 'User-Agent', contains: 'Okta' }, { name: 'X-Any' }],
        body: [
          { path: 'Operations[*].value', equals: 'False' },
          { path: 'a', equals: false },
          { path: 'b', equals: '5' },
          { path: 'c', equals: [1, 'x'] },
          { path: 'd' },
        ],
        query: 'method:patch',
        occurrence: { kind: 'every', n: 3 },
        probability: 0.125,
      },
      action: { kind: 'latency', delay: { kind: 'normal', mean_ms: 10, deviation_ms: 2 } } as RuleAction,
      budget: 5,
      expires_at: '2030-01-01T10:30:00.000Z',
      seed: 7,
    })
    expect(ruleOf(draftOf(whole))).toEqual(whole)
    expect(ruleOf(draftOf(rule({})))).toEqual(rule({}))
  })

  test('leaves out conditions that are empty', () => {
    const draft = {
      ...empty(),
      name: ' A ',
      headers: [{ name: ' ', contains: 'x' }],
      body: [{ path: '', equals: '1' }],
    }
    expect(ruleOf(draft)).toMatchObject({ name: 'A', when: {} })
  })

  test('says which field is no number', () => {
    expect(() => ruleOf({ ...empty(), budget: 'x' })).toThrow(FieldProblem)
    expect(() => ruleOf({ ...empty(), occurs: 'nth', n: '' })).toThrow(FieldProblem)
    expect(() => ruleOf({ ...empty(), chance: 'often' })).toThrow(FieldProblem)
  })
})
