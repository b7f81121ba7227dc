// The clause that selects what is like an exchange.

import type { Exchange } from '$lib/api/types'
import { quoted } from '$lib/filter/clauses'

/** By its user or group, or else by its client. */
export function clauseLike({ subject, summary, changes }: Exchange): string | undefined {
  const kind = subject?.resource_type ?? changes[0]?.resource_type
  const name = subject?.display ?? changes[0]?.display ?? subject?.looked_for?.text
  const field = kind === 'User' ? 'user' : kind === 'Group' ? 'group' : undefined
  if (field && name) return `${field}:${quoted(name)}`
  if (kind && subject?.resource_id) return `resource:${kind}/${subject.resource_id}`
  if (summary.dialect) return `dialect:${summary.dialect}`
  return summary.tenant ? `tenant:${quoted(summary.tenant)}` : undefined
}
