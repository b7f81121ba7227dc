// The text of a query as the filter bar handles it: what is finished stands in chips, the rest is being typed.

/** Whether a text has a top-level `or`, so that other clauses beside it would change its meaning. */
export function hasLooseOr(text: string): boolean {
  let depth = 0
  let quoted = false
  let word = ''
  for (let at = 0; at <= text.length; at++) {
    const character = text.charAt(at)
    if (quoted) {
      if (character === '\\') at++
      else if (character === '"') quoted = false
      continue
    }
    if (character === '"') quoted = true
    else if (character === '(' || character === '[') depth++
    else if (character === ')' || character === ']') depth--
    if (depth === 0 && /\S/.test(character) && character !== '(') {
      word += character
      continue
    }
    if (word.toLowerCase() === 'or') return true
    word = ''
  }
  return false
}

/** Puts a text behind others as one clause of its own. */
export function joined(before: string, added: string): string {
  const text = added.trim()
  if (text === '') return before
  if (before === '') return text
  const first = hasLooseOr(before) ? `(${before})` : before
  return `${first} ${hasLooseOr(text) ? `(${text})` : text}`
}

/** The text without the part from `start` to `end`. */
export function without(text: string, start: number, end: number): string {
  return `${text.slice(0, start).trimEnd()} ${text.slice(end).trimStart()}`.trim()
}

/** A value as it has to be written in a query. */
export function quoted(value: string): string {
  const plain = value !== '' && !/[\s()",\\]/.test(value) && !/^[<>=!-]/.test(value)
  return plain ? value : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
