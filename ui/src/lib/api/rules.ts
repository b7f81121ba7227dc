// The calls of the control API that read and change the rules of a tenant.

import { client, data } from './api'
import type { components } from './schema'

type Schemas = components['schemas']

export type Rule = Schemas['Rule']
export type RuleMatch = Schemas['RuleMatch']
export type RuleAction = Schemas['RuleAction']
export type RuleOccurrence = Schemas['RuleOccurrence']
export type RuleInfo = Schemas['RuleInfo']
export type RuleList = Schemas['RuleList']
export type RuleHit = Schemas['RuleHit']
export type RuleChecked = Schemas['RuleChecked']
export type RuleProblem = Schemas['RuleProblem']
export type RuleSet = Schemas['RuleSetInfo']

const of = (name: string) => ({ params: { path: { name } } })
const one = (name: string, id: string) => ({ params: { path: { name, id } } })

export const rulesApi = {
  list: (tenant: string) => data(client.GET('/api/v1/tenants/{name}/rules', of(tenant))),
  create: (tenant: string, body: Rule) => data(client.POST('/api/v1/tenants/{name}/rules', { ...of(tenant), body })),
  put: (tenant: string, rules: Rule[]) =>
    data(client.PUT('/api/v1/tenants/{name}/rules', { ...of(tenant), body: { rules } })),
  replace: (tenant: string, id: string, body: Rule) =>
    data(client.PUT('/api/v1/tenants/{name}/rules/{id}', { ...one(tenant, id), body })),
  change: (tenant: string, id: string, body: { enabled?: boolean; position?: number }) =>
    data(client.PATCH('/api/v1/tenants/{name}/rules/{id}', { ...one(tenant, id), body })),
  delete: (tenant: string, id: string) => data(client.DELETE('/api/v1/tenants/{name}/rules/{id}', one(tenant, id))),
  reset: (tenant: string, id: string) => data(client.POST('/api/v1/tenants/{name}/rules/{id}/reset', one(tenant, id))),
  sets: () => data(client.GET('/api/v1/rule-sets')),
  addSet: (tenant: string, set: string) =>
    data(client.POST('/api/v1/tenants/{name}/rule-sets/{set}', { params: { path: { name: tenant, set } } })),
  check: (body: Rule) => data(client.POST('/api/v1/rules/check', { body })),
  suggest: (seq: number) => data(client.GET('/api/v1/exchanges/{seq}/rule', { params: { path: { seq } } })),
}
