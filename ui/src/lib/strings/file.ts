// Texts of the page that is one file.

export const fileStrings = {
  exchanges: 'Exchanges',
  title: 'SCIM exchanges',
  badge: 'Read-only',
  hint: 'This page is one file: what was recorded when it was written. It has no server, so that nothing can be changed or sent from here.',
  counts: (exchanges: number, version: string) =>
    `${exchanges.toLocaleString('en')} ${exchanges === 1 ? 'exchange' : 'exchanges'} · written by Scimscope ${version}`,
  readOnly: 'This page is one file and can only be read.',
  notThere: 'This is not in the file.',
  notHere: (field: string) => `“${field}” cannot be asked in a file; open it in Scimscope`,
  field: (name: string) => `exchanges by ${name}`,
  noParentheses: 'Parentheses are not understood in a file; open it in Scimscope',
  unreadable: (value: string) => `“${value}” cannot be read here`,
  sentence: (query: string) => (query === '' ? '' : `Exchanges that fit ${query}`),
  broken: (why: string) => `The data in this file cannot be read: ${why}`,
}
