// The pseudo-locale: every text of the catalogue longer, accented and in brackets, so that a text that was cut, glued
// together or written beside the catalogue is seen at a glance.

const KEY = 'scimscope.pseudo'
const FROM = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const TO = 'åƀćđéƒĝĥîĵķļɱñöþɋŕšţûṽŵẋýžÅƁĆĐÉƑĜĤÎĴĶĻṀÑÖÞɊŔŠŢÛṼŴẊÝŽ'
const LETTERS = new Map([...FROM].map((letter, index) => [letter, [...TO][index] ?? letter]))
/** Texts grow by so much in other languages. */
const GROWTH = 0.35

/** Whether the page is to be shown in the pseudo-locale. */
export function pseudoChosen(): boolean {
  try {
    return new URLSearchParams(window.location.search).has('pseudo') || localStorage.getItem(KEY) !== null
  } catch {
    return false
  }
}

/** Remembers the choice; the page shows it when it is loaded again. */
export function choosePseudo(on: boolean): void {
  if (on) localStorage.setItem(KEY, 'on')
  else localStorage.removeItem(KEY)
}

/** A catalogue with every text in it transformed, those that functions make as well. */
export function pseudo<T>(catalogue: T): T {
  if (typeof catalogue === 'string') return transformed(catalogue) as T
  if (typeof catalogue === 'function') {
    const make = catalogue as unknown as (...given: unknown[]) => unknown
    return ((...given: unknown[]) => pseudo(make(...given))) as T
  }
  if (Array.isArray(catalogue)) return catalogue.map((item: unknown) => pseudo(item)) as T
  if (catalogue !== null && typeof catalogue === 'object') {
    return Object.fromEntries(Object.entries(catalogue).map(([name, value]) => [name, pseudo(value)])) as T
  }
  return catalogue
}

function transformed(text: string): string {
  if (!/\p{L}{2}/u.test(text)) return text
  const accented = [...text].map((letter) => LETTERS.get(letter) ?? letter).join('')
  return `[${accented}${'·'.repeat(Math.max(1, Math.round(text.length * GROWTH)))}]`
}
