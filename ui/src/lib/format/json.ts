// JSON as text: tokens with their places, and a pretty print that keeps every name, number and string as it was sent.

export type Kind = 'key' | 'string' | 'number' | 'literal' | 'punctuation' | 'space' | 'broken'

export interface Token {
  kind: Kind
  start: number
  end: number
}

export interface Piece {
  kind: Kind
  text: string
  /** Where it came from in the raw text; white space of the printer has none. */
  start?: number
  end?: number
}

const SPACE = /[ \t\r\n]+/y
const STRING = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y // eslint-disable-line no-control-regex
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /true|false|null/y

/** Cuts JSON into tokens. What cannot be read is one `broken` token up to the end. */
export function tokens(text: string): Token[] {
  const found: Token[] = []
  let at = 0
  const take = (pattern: RegExp): number => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    return match ? match[0].length : 0
  }
  while (at < text.length) {
    const character = text.charAt(at)
    let kind: Kind
    let length = 1
    if (character === ' ' || character === '\n' || character === '\r' || character === '\t') {
      kind = 'space'
      length = take(SPACE)
    } else if ('{}[],:'.includes(character)) {
      kind = 'punctuation'
      if (character === ':') {
        const name = lastSolid(found)
        if (name?.kind === 'string') name.kind = 'key'
      }
    } else if (character === '"') {
      kind = 'string'
      length = take(STRING)
    } else if (character === '-' || (character >= '0' && character <= '9')) {
      kind = 'number'
      length = take(NUMBER)
    } else {
      kind = 'literal'
      length = take(WORD)
    }
    if (length === 0) {
      found.push({ kind: 'broken', start: at, end: text.length })
      return found
    }
    found.push({ kind, start: at, end: at + length })
    at += length
  }
  return found
}

function lastSolid(list: Token[]): Token | undefined {
  for (let index = list.length - 1; index >= 0; index--) {
    const token = list[index]
    if (token && token.kind !== 'space') return token
  }
  return undefined
}

/** The raw text as pieces, nothing changed. */
export function rawPieces(text: string): Piece[] {
  return tokens(text).map(({ kind, start, end }) => ({ kind, text: text.slice(start, end), start, end }))
}

/**
 * The text laid out over lines. Values keep their spelling (`1.0` stays `1.0`, duplicates stay), only white space
 * changes. Broken JSON is laid out as far as it can be read; the rest follows as it is.
 */
export function prettyPieces(text: string): Piece[] {
  const solid = tokens(text).filter((token) => token.kind !== 'space')
  const out: Piece[] = []
  let depth = 0
  const line = () => out.push({ kind: 'space', text: '\n' + '  '.repeat(depth) })
  solid.forEach((token, index) => {
    const written = text.slice(token.start, token.end)
    const previous = index > 0 ? text.charAt((solid[index - 1] as Token).start) : ''
    const next = solid[index + 1]
    if (token.kind === 'punctuation' && (written === '}' || written === ']')) {
      depth = Math.max(0, depth - 1)
      if (previous !== '{' && previous !== '[') line()
    }
    if (token.kind === 'broken' && previous !== '' && previous !== ':') line()
    out.push({ kind: token.kind, text: written, start: token.start, end: token.end })
    if (token.kind !== 'punctuation') return
    if (written === '{' || written === '[') {
      depth++
      const following = next ? text.charAt(next.start) : ''
      if (following !== '}' && following !== ']') line()
    } else if (written === ',') line()
    else if (written === ':') out.push({ kind: 'space', text: ' ' })
  })
  return out
}

/** Whether the whole text is one JSON value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Offsets in a JavaScript string that belong to byte offsets of its UTF-8 form. */
export function characterOffset(text: string, byte: number): number {
  let bytes = 0
  let index = 0
  while (index < text.length && bytes < byte) {
    const code = text.codePointAt(index) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    index += code < 0x10000 ? 1 : 2
  }
  return index
}

export interface Mark {
  start: number
  end: number
  /** What to say about it. */
  label: string
}

export interface Segment {
  kind: Kind | 'plain'
  text: string
  mark?: Mark
}

/**
 * Pieces cut where marks begin and end, neighbours of the same look joined. After `coloured` characters kinds are
 * dropped, so that a large body stays one long text instead of a hundred thousand elements.
 */
export function segments(pieces: Piece[], marks: Mark[], coloured: number): Segment[] {
  const out: Segment[] = []
  let written = 0
  const push = (kind: Segment['kind'], text: string, mark?: Mark) => {
    if (text === '') return
    const look = kind === 'space' || kind === 'punctuation' || written > coloured ? 'plain' : kind
    written += text.length
    const last = out[out.length - 1]
    if (last && last.kind === look && last.mark === mark) last.text += text
    else out.push({ kind: look, text, mark })
  }
  for (const piece of pieces) {
    if (piece.start === undefined || piece.end === undefined || marks.length === 0) {
      push(piece.kind, piece.text)
      continue
    }
    let at = piece.start
    while (at < piece.end) {
      const mark = marks.find((mark) => mark.start <= at && at < mark.end)
      const next = marks.reduce(
        (nearest, mark) => (mark.start > at && mark.start < nearest ? mark.start : nearest),
        mark ? Math.min(mark.end, piece.end) : piece.end,
      )
      push(piece.kind, piece.text.slice(at - piece.start, next - piece.start), mark)
      at = next
    }
  }
  return out
}
