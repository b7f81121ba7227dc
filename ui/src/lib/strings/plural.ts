import { count } from '$lib/format/format'

const plurals = new Intl.PluralRules('en')

/** A number with the word that fits it. */
export function plural(value: number, one: string, other: string): string {
  return `${count(value)} ${plurals.select(value) === 'one' ? one : other}`
}
