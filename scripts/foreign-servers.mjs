// Compares what a replay at a foreign server reports with what docs/foreign-servers.md explains: the same differences, no more and no less.
//
//   node foreign-servers.mjs REPORT.json docs/foreign-servers.md SERVER
import { readFileSync } from 'node:fs'

const [report, page, server] = process.argv.slice(2)

/** Where a request goes, without what is new in each run: `PATCH /Users/{id}`. */
const where = (method, path) => {
  const [below, query] = path.split('?')
  const [type, ...rest] = below.split('/').filter(Boolean)
  const discovery = ['Schemas', 'ResourceTypes', 'ServiceProviderConfig'].includes(type)
  const asked = query ? `?${[...new URLSearchParams(query).keys()].sort().join('&')}` : ''
  return `${method} /${[type, ...(rest.length ? [discovery ? rest.join('/') : '{id}'] : [])].join('/')}${asked}`
}

/** What is otherwise, without the values but for a status: `meta.version missing`. */
const what = (difference) => {
  const [, place, before, after] = /^(.*?): (.*) → ([^]*)$/.exec(difference) ?? [null, difference, '', '']
  if (place === 'status') return `status ${before} → ${after}`
  const plain = place.replaceAll(/\[[^\]]*\]/g, '[]')
  return before === 'nothing' ? `${plain} added` : after === 'nothing' ? `${plain} missing` : after ? `${plain} other` : plain
}

const steps = JSON.parse(readFileSync(report, 'utf8')).steps
const shown = new Map()
for (const step of steps) {
  // Why a step was skipped names ids; that it was is enough.
  for (const difference of step.verdict === 'skipped' ? [] : (step.differences ?? [])) {
    const at = where(step.method, step.path)
    shown.set(`${at} | ${what(difference)}`, { at, what: what(difference), difference })
  }
  if (['error', 'skipped'].includes(step.verdict)) shown.set(`${step.step}`, { at: where(step.method, step.path), what: step.verdict, difference: `step ${step.step}` })
}

// Rows of the server's table: | `where` | `what` | why |
const section = readFileSync(page, 'utf8').split(/^## /m).find((text) => text.startsWith(`${server}\n`)) ?? ''
const rows = [...section.matchAll(/^\| `([^`]+)` \| `([^`]+)` \| (.+) \|$/gm)].map(([, at, what]) => ({ at, what, used: false }))
const fits = (pattern, text) =>
  new RegExp(`^${pattern.split('*').map((part) => part.replaceAll(/[.?+^$()[\]{}|\\/]/g, '\\$&')).join('.*')}$`).test(text)

let wrong = rows.length === 0 || steps.length < 20
for (const one of shown.values()) {
  const row = rows.filter((row) => fits(row.at, one.at) && fits(row.what, one.what))
  for (const each of row) each.used = true
  if (row.length > 0) continue
  wrong = true
  console.log(`not explained: | \`${one.at}\` | \`${one.what}\` |   ${one.difference.slice(0, 200)}`)
}
for (const row of rows.filter((row) => !row.used)) {
  wrong = true
  console.log(`explained, but not shown: | \`${row.at}\` | \`${row.what}\` |`)
}
console.log(`${server}: ${steps.length} steps, ${shown.size} sorts of differences, ${rows.length} explained`)
process.exit(wrong ? 1 : 0)
