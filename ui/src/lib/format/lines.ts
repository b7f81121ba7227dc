// A long text as lines that are drawn only where somebody looks.

/** A line is cut after so many characters; an engine takes long for longer ones. */
const LONGEST = 4_000

export interface Lines {
  text: string
  /** Where each line begins; after the last one, where the text ends. */
  starts: Uint32Array<ArrayBuffer>
}

/** JSON laid out over lines; strings and numbers keep their spelling. Text that is no JSON stays as it is. */
export function laidOut(text: string): string {
  const out: string[] = []
  let depth = 0
  let from = 0
  const flush = (to: number) => {
    if (to > from) out.push(text.slice(from, to))
  }
  const line = () => out.push('\n' + '  '.repeat(Math.min(depth, 60)))
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) {
      for (at++; at < text.length && text.charCodeAt(at) !== 34; at++) if (text.charCodeAt(at) === 92) at++
    } else if (code === 123 || code === 91) {
      flush(at + 1)
      from = at + 1
      depth++
      const next = /\S/.exec(text.slice(at + 1, at + 64))?.[0]
      if (next !== '}' && next !== ']') line()
    } else if (code === 125 || code === 93) {
      flush(at)
      from = at
      depth = Math.max(0, depth - 1)
      const last = out.at(-1) ?? ''
      if (!/[[{]$/.test(last)) line()
    } else if (code === 44) {
      flush(at + 1)
      from = at + 1
      line()
    } else if (code === 58) {
      flush(at + 1)
      from = at + 1
      out.push(' ')
    } else if (code === 32 || code === 10 || code === 13 || code === 9) {
      flush(at)
      from = at + 1
    }
  }
  flush(text.length)
  return out.join('')
}

/** Where the lines of a text begin. */
export function cut(text: string): Lines {
  const starts: number[] = [0]
  let start = 0
  while (start < text.length) {
    const end = text.indexOf('\n', start)
    const next = end < 0 ? text.length : end + 1
    while (next - start > LONGEST) starts.push((start += LONGEST))
    starts.push(next)
    start = next
  }
  return { text, starts: Uint32Array.from(starts) }
}
