import { plural } from './plural'

/** Two exchanges beside each other. */
export const compareStrings = {
  title: 'Comparison',
  differences: 'Differences',
  ignore: 'Leave out',
  ignored: { ids: 'ids', times: 'timestamps', etag: 'ETag', order: 'order' },
  parts: { request: 'Request', response: 'Response', state: 'State after' },
  lines: (value: number) => (value === 0 ? 'the same' : `${plural(value, 'line differs', 'lines differ')}`),
  swap: 'Swap A and B',
  open: 'Open this exchange',
  close: 'Close the comparison',
  loading: 'Loading both exchanges…',
  failed: (why: string) => `They could not be compared: ${why}`,
}
