// A JSON document as a list of paths and values, for showing what changed in it.

/** Every leaf of a document with its path, without what is the same in each (`schemas`, `meta`). */
export function flatten(document: Record<string, unknown>): [path: string, value: string][] {
  const lines: [string, string][] = []
  const visit = (value: unknown, path: string) => {
    if (Array.isArray(value)) value.forEach((item: unknown, index) => visit(item, `${path}[${index}]`))
    else if (value !== null && typeof value === 'object')
      for (const [name, member] of Object.entries(value)) visit(member, path ? `${path}.${name}` : name)
    else lines.push([path, JSON.stringify(value)])
  }
  const rest = Object.entries(document).filter(([name]) => name !== 'schemas' && name !== 'meta')
  visit(Object.fromEntries(rest), '')
  return lines
}

/** The lines of `now`, each with what it was if that was otherwise, and those that are gone. */
export function compared(
  now: Record<string, unknown>,
  before: Record<string, unknown> | undefined,
): { path: string; value: string | undefined; was: string | undefined }[] {
  const old = new Map(before ? flatten(before) : [])
  const lines = flatten(now).map(([path, value]) => {
    const was = before ? (old.get(path) ?? '') : value
    old.delete(path)
    return { path, value: value as string | undefined, was: was === value ? undefined : was }
  })
  return [...lines, ...[...old].map(([path, was]) => ({ path, value: undefined, was }))]
}
