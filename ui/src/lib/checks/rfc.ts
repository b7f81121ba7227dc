/** Where a section of an RFC can be read: "RFC 7644 section 3.5.2" or "RFC 7643 section 2.3.2 and ...". */
export function rfcAddress(reference: string): string | undefined {
  const found = /RFC (\d+)(?: section (\d+(?:\.\d+)*))?/.exec(reference)
  if (!found) return undefined
  const [, number, section] = found
  return `https://www.rfc-editor.org/rfc/rfc${number}${section ? `#section-${section}` : ''}`
}
