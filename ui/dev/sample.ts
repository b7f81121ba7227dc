// Exchanges as the control API gives them, made by hand: for development without a server, and for tests.

import type { Blob, Change, Exchange, Field, Finding, Line, Operation, Summary, Tolerance } from '../src/lib/api/types'

const START = Date.UTC(2026, 0, 12, 11, 2, 11, 482)
const USER = '2f9d4c52-5a0e-4c0a-9a0b-0c6a4f0f4a11'
const GROUP = '9f31c7aa-0d8b-41a9-8d11-6a2be3d5c9e0'
const TOKEN = 'sample-token-0123456789abcdef'
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

export const TOLERANCES: Tolerance[] = [
  {
    id: 'T1',
    title: 'Blanks in the filter sent as +',
    explanation: 'The query is form-encoded: a blank arrives as a plus sign instead of %20.',
    rfc: 'RFC 3986 section 2.1; RFC 7644 section 3.4.2.2',
    rfc_form: 'filter=userName%20eq%20%22ada%22',
    who: ['Entra', 'Okta'],
    switch: null,
  },
  {
    id: 'T2',
    title: 'Capitalised op',
    explanation: 'The operation is written Add, Replace or Remove. RFC 7644 compares it without case since its errata.',
    rfc: 'RFC 7644 section 3.5.2',
    rfc_form: '"op": "replace"',
    who: ['Entra without aadOptscim062020'],
    switch: null,
  },
  {
    id: 'T3',
    title: 'Boolean as a string',
    explanation:
      'A boolean attribute is sent as the string "True" or "False". The RFC has JSON booleans only; many servers answer 400.',
    rfc: 'RFC 7643 section 2.3.2',
    rfc_form: '"active": false',
    who: ['Entra without aadOptscim062020', 'older on-premises agents'],
    switch: 'string_booleans',
  },
  {
    id: 'T11',
    title: 'readOnly attributes in a request',
    explanation: 'Attributes that only the server sets are sent along; they are ignored.',
    rfc: 'RFC 7644 section 3.3',
    rfc_form: 'no meta in a request',
    who: ['Entra'],
    switch: null,
  },
]

function bytes(text: string): number {
  return new TextEncoder().encode(text).length
}

export function blob(text: string): Blob {
  return { bytes: bytes(text), encoding: 'utf8', text, truncated: false }
}

interface Recipe {
  method: string
  target: string
  body?: string
  status: number
  reason: string
  answer?: string
  sentence: string
  verdict: Summary['verdict']
  action: Exchange['action']
  probe?: boolean
  findings?: [code: string, message: string, found: string][]
  operations?: Operation[]
  change?: Change
  would?: Line[]
  token?: string
}

function rule(code: string): Tolerance | null {
  return TOLERANCES.find((tolerance) => tolerance.id === code) ?? null
}

function make(recipe: Recipe, seq: number, at: number): Exchange {
  const body = recipe.body ?? ''
  const answer = recipe.answer ?? ''
  const headers: Field[] = [
    ['Host', '127.0.0.1:8787'],
    ['Authorization', `Bearer ${recipe.token ?? TOKEN}`],
    ['Accept', '*/*'],
    ['User-Agent', 'AzureActiveDirectory/1.0'],
  ]
  if (body)
    headers.push(['Content-Type', 'application/scim+json; charset=utf-8'], ['Content-Length', String(bytes(body))])
  const answered: Field[] = [
    ['content-type', 'application/scim+json'],
    ['date', new Date(at).toUTCString()],
    ['content-length', String(bytes(answer))],
  ]
  const head = (start: string, fields: Field[]) =>
    `${start}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  const findings: Finding[] = (recipe.findings ?? []).map(([code, message, found]) => {
    const inTarget = recipe.target.indexOf(found)
    const start = body.indexOf(found)
    return {
      code,
      severity: code.startsWith('T') ? 'tolerated' : 'error',
      message,
      place:
        start >= 0
          ? {
              kind: 'body',
              pointer: code === 'T2' ? '/Operations/0/op' : '/Operations/0/value',
              span: { start, end: start + found.length },
            }
          : inTarget >= 0
            ? { kind: 'target', span: { start: inTarget, end: inTarget + found.length } }
            : { kind: 'request' },
      about: { title: rule(code)?.title ?? 'remark', explanation: rule(code)?.explanation ?? message },
      rule: rule(code),
    }
  })
  const took = 1800 + ((seq * 2671) % 9000)
  return {
    summary: {
      seq,
      pos: seq * 4,
      at: new Date(at).toISOString(),
      method: recipe.method,
      target: recipe.target,
      status: recipe.status,
      elapsed_us: took,
      closed: true,
      verdict: recipe.verdict,
      sentence: recipe.sentence,
      dialect: 'entra',
      probe: recipe.probe ?? false,
      findings: findings.length,
      tolerances: [...new Set(findings.filter((found) => found.severity === 'tolerated').map((found) => found.code))],
      changes: recipe.change ? 1 : 0,
      tenant: 'default',
      flow: seq,
      pinned: false,
      tags: [],
      has_note: false,
    },
    connection: {
      id: 1 + Math.floor(seq / 6),
      peer: '127.0.0.1:53412',
      local: '127.0.0.1:8787',
      accepted_at: new Date(at - 4).toISOString(),
    },
    times: {
      head_read_us: 210,
      body_read_us: body ? 260 : 210,
      handled_us: took - 900,
      first_byte_us: took - 180,
      last_byte_us: took,
    },
    request: {
      method: recipe.method,
      target: recipe.target,
      target_decoded: recipe.target.includes('%') ? decodeURIComponent(recipe.target.replaceAll('+', ' ')) : null,
      version: 'HTTP/1.1',
      headers,
      head: blob(head(`${recipe.method} ${recipe.target} HTTP/1.1`, headers)),
      body: blob(body),
      decoded_body: null,
      dropped_bytes: 0,
    },
    response: {
      status: recipe.status,
      reason: recipe.reason,
      headers: answered,
      head: blob(head(`HTTP/1.1 ${recipe.status} ${recipe.reason}`, answered)),
      body: blob(answer),
    },
    ending: { kind: 'complete', detail: null },
    findings,
    operations: recipe.operations ?? [],
    changes: recipe.change ? [recipe.change] : [],
    rules: [],
    would_have_changed: recipe.would ?? [],
    auth:
      recipe.status === 401
        ? [
            { checked: 'Authorization header', found: 'Bearer ****0000', passed: true },
            { checked: 'bearer token', found: 'another one than the configured ****cdef', passed: false },
          ]
        : [
            { checked: 'Authorization header', found: 'Bearer ****cdef', passed: true },
            { checked: 'bearer token', found: 'the configured one', passed: true },
          ],
    subject: { resource_type: recipe.target.includes('/Groups') ? 'Group' : 'User', display: 'Ada Lovelace' },
    action: recipe.action,
    dialect: {
      name: 'entra',
      confidence: 94,
      reasons: ['the filter is form-encoded', 'op is capitalised', 'one operation for each attribute'],
    },
    marks: { pinned: false, note: '', tags: [] },
    durable: true,
  }
}

function patch(...operations: object[]): string {
  return JSON.stringify({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations })
}

const NONE = '{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}'
const ADA = JSON.stringify({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE],
  externalId: '8c1f',
  userName: 'ada.lovelace@example.com',
  active: true,
  displayName: 'Ada Lovelace',
  title: 'Analyst',
  emails: [{ primary: true, type: 'work', value: 'ada.lovelace@example.com' }],
  meta: { resourceType: 'User' },
  name: { formatted: 'Ada Lovelace', familyName: 'Lovelace', givenName: 'Ada' },
  roles: [],
  [ENTERPRISE]: { department: 'Research', employeeNumber: '1815' },
})
const USERS = '/scim/v2/Users'

const RECIPES: Recipe[] = [
  {
    method: 'GET',
    target: `${USERS}?filter=userName+eq+%22ada.lovelace%40example.com%22`,
    status: 200,
    reason: 'OK',
    answer: NONE,
    sentence: 'Entra looked for a user named ada.lovelace@example.com and found none',
    verdict: 'tolerated',
    action: 'list',
    findings: [['T1', 'blanks in the filter were sent as "+"', '+eq+']],
  },
  {
    method: 'POST',
    target: USERS,
    body: ADA,
    status: 201,
    reason: 'Created',
    answer: ADA,
    sentence: 'Entra created user Ada Lovelace',
    verdict: 'tolerated',
    action: 'create',
    findings: [['T11', 'meta is readOnly and was ignored', '{"resourceType":"User"}']],
    change: {
      resource_type: 'User',
      resource_id: USER,
      display: 'Ada Lovelace',
      kind: 'created',
      revision: 6,
      lines: [
        { path: 'userName', action: 'added', after: 'ada.lovelace@example.com' },
        { path: 'active', action: 'added', after: true },
        { path: 'displayName', action: 'added', after: 'Ada Lovelace' },
        { path: 'title', action: 'added', after: 'Analyst' },
        {
          path: 'name',
          action: 'added',
          after: { formatted: 'Ada Lovelace', familyName: 'Lovelace', givenName: 'Ada' },
        },
        {
          path: 'emails[type eq "work"]',
          action: 'added',
          after: { primary: true, type: 'work', value: 'ada.lovelace@example.com' },
        },
        { path: `${ENTERPRISE}:department`, action: 'added', after: 'Research' },
        { path: `${ENTERPRISE}:employeeNumber`, action: 'added', after: '1815' },
      ],
    },
  },
  {
    method: 'GET',
    target: '/scim/v2/Groups?excludedAttributes=members&filter=displayName+eq+%22Finance%22',
    status: 200,
    reason: 'OK',
    answer: NONE,
    sentence: 'Entra looked for a group named Finance and found none',
    verdict: 'tolerated',
    action: 'list',
    findings: [['T1', 'blanks in the filter were sent as "+"', '+eq+']],
  },
  {
    method: 'PATCH',
    target: `/scim/v2/Groups/${GROUP}`,
    body: patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: USER }] }),
    status: 204,
    reason: 'No Content',
    sentence: 'Entra added Ada Lovelace to Finance',
    verdict: 'tolerated',
    action: 'modify',
    findings: [['T2', 'op was sent as "Add"', '"Add"']],
    operations: [{ index: 0, op: 'Add', path: 'members', outcome: 'changed', reason: null }],
    change: {
      resource_type: 'Group',
      resource_id: GROUP,
      display: 'Finance',
      kind: 'modified',
      revision: 8,
      lines: [
        {
          path: `members[value eq "${USER}"]`,
          action: 'added',
          after: { value: USER, display: 'Ada Lovelace' },
          operation: 0,
        },
      ],
    },
  },
  {
    method: 'PATCH',
    target: `${USERS}/${USER}`,
    body: patch(
      { op: 'Replace', path: 'active', value: 'False' },
      { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Retail' },
      { op: 'Replace', path: 'title', value: 'Analyst' },
      { op: 'Remove', path: 'emails[type eq "home"]' },
    ),
    status: 200,
    reason: 'OK',
    answer: ADA.replace('"active":true', '"active":false').replace('Research', 'Retail'),
    sentence: 'Entra disabled Ada Lovelace and moved her to Retail',
    verdict: 'tolerated',
    action: 'modify',
    findings: [
      ['T2', 'op was sent as "Replace"', '"Replace"'],
      ['T3', 'active was sent as the string "False"', '"False"'],
    ],
    operations: [
      { index: 0, op: 'Replace', path: 'active', outcome: 'changed', reason: null },
      { index: 1, op: 'Add', path: `${ENTERPRISE}:department`, outcome: 'changed', reason: null },
      { index: 2, op: 'Replace', path: 'title', outcome: 'unchanged', reason: 'title is "Analyst" already' },
      { index: 3, op: 'Remove', path: 'emails[type eq "home"]', outcome: 'unchanged', reason: 'no element matches' },
    ],
    change: {
      resource_type: 'User',
      resource_id: USER,
      display: 'Ada Lovelace',
      kind: 'modified',
      revision: 9,
      lines: [
        { path: 'active', action: 'changed', before: true, after: false, operation: 0 },
        { path: `${ENTERPRISE}:department`, action: 'changed', before: 'Research', after: 'Retail', operation: 1 },
      ],
    },
  },
  {
    method: 'PATCH',
    target: `${USERS}/${USER}`,
    body: patch({ op: 'replace', path: 'title', value: 'Countess' }, { op: 'replace', path: 'id', value: 'x' }),
    status: 400,
    reason: 'Bad Request',
    answer:
      '{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"mutability","detail":"id is readOnly"}',
    sentence: 'An update of Ada Lovelace was refused: id is readOnly',
    verdict: 'refused',
    action: 'modify',
    findings: [['mutability', 'operation 2 replaces id, which only the server sets', '"id"']],
    operations: [
      { index: 0, op: 'replace', path: 'title', outcome: 'changed', reason: null },
      { index: 1, op: 'replace', path: 'id', outcome: 'refused', reason: 'id is readOnly' },
    ],
    would: [{ path: 'title', action: 'changed', before: 'Analyst', after: 'Countess', operation: 0 }],
  },
  {
    method: 'GET',
    target: `${USERS}?startIndex=1&count=1`,
    status: 401,
    reason: 'Unauthorized',
    answer: '{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"401","detail":"wrong bearer token"}',
    sentence: 'A list of users was refused: wrong token',
    verdict: 'refused',
    action: 'list',
    probe: true,
    token: 'another-token-0000',
  },
  {
    method: 'DELETE',
    target: `${USERS}/${USER}`,
    status: 204,
    reason: 'No Content',
    sentence: 'Entra deleted user Ada Lovelace',
    verdict: 'ok',
    action: 'delete',
    change: {
      resource_type: 'User',
      resource_id: USER,
      display: 'Ada Lovelace',
      kind: 'deleted',
      revision: 10,
      lines: [
        { path: 'userName', action: 'removed', before: 'ada.lovelace@example.com' },
        { path: 'active', action: 'removed', before: false },
        { path: 'displayName', action: 'removed', before: 'Ada Lovelace' },
      ],
    },
  },
  {
    method: 'POST',
    target: '/scim/v2/Users',
    body: '{"userName": "grace.hopper@example.com", "active": tru',
    status: 400,
    reason: 'Bad Request',
    answer:
      '{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidSyntax","detail":"line 1, column 51: the body ends inside a literal"}',
    sentence: 'A user was not created: the body is not JSON',
    verdict: 'refused',
    action: 'create',
    findings: [['invalid-json', 'line 1, column 51: the body ends inside a literal', 'tru']],
  },
]

/** The exchange with this number; the recipes repeat. */
export function sample(seq: number): Exchange {
  const recipe = RECIPES[(seq - 1) % RECIPES.length]
  if (!recipe) throw new RangeError(`no recipe for exchange ${seq}`)
  return make(recipe, seq, START + seq * 1370)
}

/** Not a request at all: bytes that never became HTTP. */
export function garbage(seq: number): Exchange {
  const exchange = sample(seq)
  return {
    ...exchange,
    summary: {
      ...exchange.summary,
      method: '',
      target: '',
      status: null,
      verdict: 'broken',
      sentence: 'Something connected and sent bytes that are not HTTP',
      dialect: null,
      tolerances: [],
      findings: 0,
      changes: 0,
      probe: false,
    },
    request: {
      ...exchange.request,
      method: '',
      target: '',
      target_decoded: null,
      version: null,
      headers: [],
      head: { bytes: 11, encoding: 'base64', text: 'FgMBAgABAAH8AwM=', truncated: false },
      body: blob(''),
    },
    response: null,
    ending: { kind: 'refused', detail: 'a TLS handshake on a plain port' },
    findings: [],
    operations: [],
    changes: [],
    would_have_changed: [],
    auth: [],
    dialect: null,
    action: 'unknown',
  }
}
