// What rules can do, as the builder offers it: groups, parameters, and the way between fields and the API's form.

import type { RuleAction } from '$lib/api/rules'

export type Group = 'answer' | 'time' | 'wire' | 'body' | 'scim'

export interface Parameter {
  name: string
  kind: 'whole' | 'text' | 'json' | 'choice'
  /** What the field begins with. */
  value: string
  optional?: boolean
  choices?: string[]
}

export interface Offer {
  /** Names it in the builder; `latency` has three. */
  id: string
  group: Group
  parameters: Parameter[]
}

/** The values of an action's fields, by name. */
export type Values = Record<string, string>

/** A field that cannot be read. */
export class FieldProblem extends Error {
  constructor(
    readonly field: string,
    readonly why: 'whole' | 'json' | 'missing',
  ) {
    super(field)
    this.name = 'FieldProblem'
  }
}

const whole = (name: string, value: string, optional = false): Parameter => ({ name, kind: 'whole', value, optional })
const text = (name: string, value: string, optional = false): Parameter => ({ name, kind: 'text', value, optional })
const retryAs: Parameter = { name: 'retry_after_as', kind: 'choice', value: 'seconds', choices: ['seconds', 'date'] }

export const OFFERS: Offer[] = [
  {
    id: 'status',
    group: 'answer',
    parameters: [
      whole('status', '503'),
      text('scim_type', '', true),
      text('detail', '', true),
      whole('retry_after_s', '', true),
      retryAs,
    ],
  },
  {
    id: 'rate_limit',
    group: 'answer',
    parameters: [whole('requests', '10'), whole('per_s', '10'), whole('burst', '', true), retryAs],
  },
  { id: 'duplicate', group: 'answer', parameters: [] },
  { id: 'latency_fixed', group: 'time', parameters: [whole('ms', '500')] },
  { id: 'latency_uniform', group: 'time', parameters: [whole('from_ms', '100'), whole('to_ms', '1000')] },
  { id: 'latency_normal', group: 'time', parameters: [whole('mean_ms', '300'), whole('deviation_ms', '60')] },
  { id: 'drip', group: 'time', parameters: [whole('bytes', '16'), whole('every_ms', '100')] },
  { id: 'hang', group: 'time', parameters: [whole('at_most_ms', '60000')] },
  { id: 'truncate', group: 'wire', parameters: [whole('bytes', '40')] },
  { id: 'wrong_length', group: 'wire', parameters: [whole('by', '-10')] },
  { id: 'reset', group: 'wire', parameters: [whole('after_bytes', '', true)] },
  { id: 'malformed', group: 'body', parameters: [] },
  { id: 'content_type', group: 'body', parameters: [text('value', 'text/html')] },
  {
    id: 'edit',
    group: 'body',
    parameters: [{ name: 'patch', kind: 'json', value: '[\n  { "op": "remove", "path": "/meta" }\n]' }],
  },
  { id: 'total_results', group: 'scim', parameters: [whole('by', '1')] },
  { id: 'resources_absent', group: 'scim', parameters: [] },
  { id: 'repeated_items', group: 'scim', parameters: [] },
  { id: 'missing_items', group: 'scim', parameters: [] },
  { id: 'empty_filter_404', group: 'scim', parameters: [] },
  { id: 'filter_ignored', group: 'scim', parameters: [] },
  { id: 'case_sensitive_user_name', group: 'scim', parameters: [] },
  { id: 'stale_etag', group: 'scim', parameters: [] },
  { id: 'patch_ignored', group: 'scim', parameters: [] },
  { id: 'patch_empty_200', group: 'scim', parameters: [] },
  { id: 'member_removal_empties_group', group: 'scim', parameters: [] },
  { id: 'eventual_consistency', group: 'scim', parameters: [whole('delay_ms', '5000')] },
]

export const GROUPS: Group[] = ['answer', 'time', 'wire', 'body', 'scim']

export function offer(id: string): Offer {
  return OFFERS.find((one) => one.id === id) ?? (OFFERS[0] as Offer)
}

/** The fields of an action as they begin. */
export function beginning(id: string): Values {
  return Object.fromEntries(offer(id).parameters.map(({ name, value }) => [name, value]))
}

/** The action that fields stand for. What cannot be read is thrown as a `FieldProblem`. */
export function action(id: string, values: Values): RuleAction {
  const read: Record<string, unknown> = {}
  for (const { name, kind, optional } of offer(id).parameters) {
    const written = (values[name] ?? '').trim()
    if (written === '') {
      if (!optional) throw new FieldProblem(name, 'missing')
      continue
    }
    read[name] = kind === 'whole' ? wholeOf(name, written) : kind === 'json' ? jsonOf(name, written) : written
  }
  const latency = /^latency_(.+)$/.exec(id)
  return (latency ? { kind: 'latency', delay: { kind: latency[1], ...read } } : { kind: id, ...read }) as RuleAction
}

/** The fields that stand for an action. */
export function fields(of: RuleAction): { id: string; values: Values } {
  const { kind, ...rest } = (of.kind === 'latency' ? of.delay : of) as { kind: string } & Record<string, unknown>
  const id = of.kind === 'latency' ? `latency_${kind}` : kind
  const values = { ...beginning(id), ...Object.fromEntries(optionalOf(id).map((name) => [name, ''])) }
  for (const [name, value] of Object.entries(rest))
    if (value !== null && value !== undefined)
      values[name] = typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value as string | number)
  return { id, values }
}

function optionalOf(id: string): string[] {
  return offer(id)
    .parameters.filter(({ optional }) => optional)
    .map(({ name }) => name)
}

export function wholeOf(name: string, written: string): number {
  if (!/^-?\d{1,15}$/.test(written)) throw new FieldProblem(name, 'whole')
  return Number(written)
}

export function jsonOf(name: string, written: string): unknown {
  try {
    return JSON.parse(written) as unknown
  } catch {
    throw new FieldProblem(name, 'json')
  }
}
