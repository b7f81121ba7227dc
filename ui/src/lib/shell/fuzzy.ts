// How well a text fits what was typed: all of its letters in order, better at the beginnings of words and side by side.

/** A score above 0 if `text` fits, with the places that do; nothing if it does not. */
export function fit(text: string, typed: string): { score: number; places: number[] } | undefined {
  const hay = text.toLowerCase()
  const needle = typed.toLowerCase().replaceAll(' ', '')
  if (needle === '') return { score: 1, places: [] }
  const whole = hay.indexOf(typed.toLowerCase().trim())
  if (whole >= 0) {
    const places = Array.from({ length: typed.trim().length }, (_, index) => whole + index)
    return { score: 1000 - whole - hay.length / 100 + (starts(hay, whole) ? 500 : 0), places }
  }
  const places: number[] = []
  let score = 0
  let from = 0
  for (const letter of needle) {
    // The beginning of a word is taken before a letter in the middle of one.
    let at = hay.indexOf(letter, from)
    if (at < 0) return undefined
    if (at !== from || !places.length) {
      for (let next = at; next >= 0; next = hay.indexOf(letter, next + 1)) {
        if (starts(hay, next)) {
          at = rest(hay, next + 1, needle, places.length + 1) ? next : at
          break
        }
      }
    }
    score += starts(hay, at) ? 12 : at === (places.at(-1) ?? -2) + 1 ? 8 : 1
    places.push(at)
    from = at + 1
  }
  return { score: Math.max(1, score - hay.length / 100), places }
}

function starts(text: string, at: number): boolean {
  return at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1] ?? '')
}

function rest(hay: string, from: number, needle: string, index: number): boolean {
  for (let at = index; at < needle.length; at++) {
    from = hay.indexOf(needle[at] ?? '', from) + 1
    if (from === 0) return false
  }
  return true
}
