// The calls of the control API that replay what was recorded.

import { client, data } from './api'
import type { components } from './schema'
import type { Field } from './types'

type Schemas = components['schemas']

export type NewReplay = Partial<Schemas['NewReplay']> & Pick<Schemas['NewReplay'], 'source' | 'target'>
export type ReplaySource = Schemas['ReplaySource']
export type ReplayTarget = Schemas['ReplayTarget']
export type Credentials = Schemas['ReplayCredentials']
export type KeptCredentials = Schemas['KeptCredentials']
export type Ignores = Required<Schemas['ReplayIgnores']>
export type Pace = Schemas['ReplayPace']
export type Binding = Schemas['ReplayBinding']
export type BindingEdit = Schemas['ReplayBindingEdit']
export type StepEdit = Schemas['ReplayEdit']
export type PlannedStep = Omit<Schemas['PlannedStep'], 'headers'> & { headers: Field[] }
export type Plan = Omit<Schemas['ReplayPlan'], 'items'> & { items: PlannedStep[] }
export type Run = Schemas['Run']
export type RunStep = Schemas['RunStep']
export type RunSteps = Schemas['RunSteps']
export type RunVerdict = Schemas['ReplayVerdict']
export type VerdictCounts = Schemas['VerdictCounts']
export type Difference = Schemas['RunDifference']
export type RunMessage = Omit<Schemas['RunMessage'], 'headers'> & { headers: Field[] }
export type StepDetail = Omit<Schemas['RunStepDetail'], 'request' | 'recorded' | 'replayed'> & {
  request: RunMessage
  recorded?: RunMessage | null
  replayed?: RunMessage | null
}
export type RunComparison = Schemas['RunComparison']
export type Consent = Schemas['ReplayConsent']

/** How steps are looked at. */
export interface Look {
  ignores?: Ignores | undefined
  only_different?: boolean
}

function query({ ignores, only_different }: Look) {
  return { ...(ignores ? { ignores: JSON.stringify(ignores) } : {}), ...(only_different ? { only_different } : {}) }
}

export const replays = {
  plan: (replay: NewReplay, from = 0, limit = 100) =>
    data(
      client.POST('/api/v1/replays/plan', { params: { query: { from, limit } }, body: replay as Schemas['NewReplay'] }),
    ) as Promise<Plan>,
  start: (replay: NewReplay) => data(client.POST('/api/v1/replays', { body: replay as Schemas['NewReplay'] })),
  list: async () => (await data(client.GET('/api/v1/replays'))).items,
  get: (id: number, from: number, look: Look = {}, limit = 500) =>
    data(
      client.GET('/api/v1/replays/{id}', {
        params: { path: { id }, query: { from, limit, ...query(look) } as never },
      }),
    ),
  step: (id: number, index: number, look: Look = {}) =>
    data(
      client.GET('/api/v1/replays/{id}/steps/{index}', {
        params: { path: { id, index }, query: query(look) as never },
      }),
    ) as Promise<StepDetail>,
  accept: (id: number, index: number) =>
    data(client.POST('/api/v1/replays/{id}/steps/{index}/accept', { params: { path: { id, index } } })),
  steer: (id: number, order: 'stop' | 'step' | 'go_on') =>
    data(client.POST('/api/v1/replays/{id}/steer', { params: { path: { id } }, body: { order } })),
  remove: (id: number) => data(client.DELETE('/api/v1/replays/{id}', { params: { path: { id } } })),
  compare: (left: number, right: number) =>
    data(client.GET('/api/v1/replays/compare', { params: { query: { left, right } } })),
  kept: (url: string) => data(client.GET('/api/v1/replays/credentials', { params: { query: { url } } })),
  keep: (url: string, credentials: Credentials) =>
    data(client.PUT('/api/v1/replays/credentials', { body: { url, credentials } })),
  forget: (url: string) => data(client.DELETE('/api/v1/replays/credentials', { params: { query: { url } } })),
  scenarios: () => data(client.GET('/api/v1/scenarios')),
  consent: (host: string) => data(client.PUT('/api/v1/replays/consents/{host}', { params: { path: { host } } })),
}
export type Replays = typeof replays
