// A rule while it is written: every field is text, as it stands in the builder.

import type { Rule, RuleMatch, RuleOccurrence } from '$lib/api/rules'
import { action, beginning, fields, FieldProblem, wholeOf, type Values } from './actions'

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export const OCCURRENCES = ['each', 'first', 'after', 'nth', 'every'] as const
export type Occurs = (typeof OCCURRENCES)[number]

export interface Draft {
  id: string
  name: string
  enabled: boolean
  methods: string[]
  path: string
  resourceType: string
  filter: string
  dialect: string
  headers: { name: string; contains: string }[]
  body: { path: string; equals: string }[]
  query: string
  occurs: Occurs
  n: string
  /** In percent. */
  chance: string
  budget: string
  /** As `datetime-local` writes it. */
  expires: string
  seed: string
  kind: string
  values: Values
}

export function empty(): Draft {
  return {
    id: '',
    name: '',
    enabled: true,
    methods: [],
    path: '',
    resourceType: '',
    filter: '',
    dialect: '',
    headers: [],
    body: [],
    query: '',
    occurs: 'each',
    n: '3',
    chance: '',
    budget: '',
    expires: '',
    seed: '0',
    kind: 'status',
    values: beginning('status'),
  }
}

/** The fields of a rule that is there. */
export function draftOf(rule: Rule): Draft {
  const when: RuleMatch = rule.when ?? {}
  const { id: kind, values } = fields(rule.action)
  return {
    id: rule.id ?? '',
    name: rule.name,
    enabled: rule.enabled ?? true,
    methods: (when.methods ?? []).map((method) => method.toUpperCase()),
    path: when.path ?? '',
    resourceType: when.resource_type ?? '',
    filter: when.filter ?? '',
    dialect: when.dialect ?? '',
    headers: (when.headers ?? []).map(({ name, contains }) => ({ name, contains: contains ?? '' })),
    body: (when.body ?? []).map(({ path, equals }) => ({ path, equals: written(equals) })),
    query: when.query ?? '',
    occurs: when.occurrence?.kind ?? 'each',
    n: String(when.occurrence?.n ?? 3),
    chance: when.probability === undefined || when.probability === null ? '' : String(rounded(when.probability * 100)),
    budget: rule.budget === undefined || rule.budget === null ? '' : String(rule.budget),
    expires: rule.expires_at ? local(rule.expires_at) : '',
    seed: String(rule.seed ?? 0),
    kind,
    values,
  }
}

/** The rule that the fields stand for. What cannot be read is thrown as a `FieldProblem`. */
export function ruleOf(draft: Draft): Rule {
  const when: RuleMatch = {}
  if (draft.methods.length > 0) when.methods = [...draft.methods]
  if (draft.path.trim()) when.path = draft.path.trim()
  if (draft.resourceType.trim()) when.resource_type = draft.resourceType.trim()
  if (draft.filter.trim()) when.filter = draft.filter.trim()
  if (draft.dialect) when.dialect = draft.dialect
  const headers = draft.headers.filter(({ name }) => name.trim() !== '')
  if (headers.length > 0)
    when.headers = headers.map(({ name, contains }) => ({ name: name.trim(), ...(contains ? { contains } : {}) }))
  const body = draft.body.filter(({ path }) => path.trim() !== '')
  if (body.length > 0)
    when.body = body.map(({ path, equals }) => ({
      path: path.trim(),
      ...(equals.trim() ? { equals: meant(equals.trim()) } : {}),
    }))
  if (draft.query.trim()) when.query = draft.query.trim()
  if (draft.occurs !== 'each')
    when.occurrence = { kind: draft.occurs, n: wholeOf('n', draft.n.trim()) } as RuleOccurrence
  if (draft.chance.trim()) {
    const percent = Number(draft.chance.replace(',', '.'))
    if (Number.isNaN(percent)) throw new FieldProblem('chance', 'whole')
    when.probability = percent / 100
  }
  return {
    id: draft.id,
    name: draft.name.trim(),
    enabled: draft.enabled,
    when,
    action: action(draft.kind, draft.values),
    ...(draft.budget.trim() ? { budget: wholeOf('budget', draft.budget.trim()) } : {}),
    ...(draft.expires ? { expires_at: new Date(draft.expires).toISOString() } : {}),
    seed: draft.seed.trim() ? wholeOf('seed', draft.seed.trim()) : 0,
  }
}

/** JSON if it is, or else the text itself: `False` needs no quotes, `false` is the boolean. */
function meant(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

function written(value: unknown): string {
  if (value === undefined || value === null) return ''
  // A text that would be read as something else keeps its quotes.
  if (typeof value === 'string') return meant(value) === value ? value : JSON.stringify(value)
  return JSON.stringify(value)
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}

/** A time as `datetime-local` has it: local, to the minute. */
export function local(at: string): string {
  const time = new Date(at)
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
