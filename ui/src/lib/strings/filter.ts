import { count } from '$lib/format/format'
import { plural } from './plural'

/** What the filter bar and the list under it say. */
export const filterStrings = {
  label: 'Filter',
  placeholder: 'Filter: op:patch  status:>=400  user:ada',
  help: 'Type a field or a text. Enter adds what is typed, Backspace takes the last part back.',
  clear: 'Clear the filter',
  remove: (clause: string) => `Remove ${clause}`,
  edit: (clause: string) => `Edit ${clause}`,
  clause: (clause: string, hidden: number | undefined) =>
    hidden === undefined ? clause : `${clause}: hides ${count(hidden)}`,
  hides: (value: number) => `−${count(value)}`,
  hidesHint: (hidden: number, alone: number, examined: number) =>
    `Hides ${count(hidden)} of the ${count(examined)} exchanges looked at, ${count(alone)} of them alone`,
  lookedAt: (examined: number, of: number) => `Looked at ${count(examined)} of ${count(of)}…`,
  stoppedAt: (examined: number, of: number) => `Stopped: ${count(examined)} of ${count(of)} looked at.`,
  stop: 'Stop looking',
  goOn: 'Go on looking',
  searching: 'Looking through the record…',
  sentenceAll: 'All exchanges',
  matches: (value: number, more: boolean) => (more ? `${count(value)}+` : count(value)),
  matchesHint: (value: number, examined: number, more: boolean) =>
    `${plural(value, 'match', 'matches')} in ${plural(examined, 'exchange', 'exchanges')}${more ? ' looked at so far' : ''}`,
  suggestion: (text: string) => `Use ${text}`,
  kinds: { field: 'field', value: 'value', keyword: 'word' } as Record<string, string>,
  suggestions: 'Suggestions',
  failed: (why: string) => `The filter could not be asked: ${why}`,
  emptyTitle: 'Nothing matches',
  emptyBody: (examined: number) =>
    `None of the ${count(examined)} exchanges is selected by this filter. New ones will show up here if they are.`,
  emptyClause: (hidden: number, alone: number) =>
    alone > 0
      ? `hides ${count(hidden)}; without it ${plural(alone, 'exchange', 'exchanges')} would be seen`
      : `hides ${count(hidden)}`,
  olderLeft: 'Looking through older exchanges…',
  views: 'Saved views',
  noViews: 'No saved views yet. Write a filter, then save it here.',
  saveView: 'Save this filter as',
  viewName: 'Name of the view',
  save: 'Save',
  removeView: (name: string) => `Delete the view ${name}`,
  viewFailed: (why: string) => `The view was not saved: ${why}`,
  saved: (name: string) => `Saved the view ${name}`,
  pause: 'Pause the list',
  resume: 'Go on',
  paused: (value: number) => (value > 0 ? `Paused, ${count(value)} new` : 'Paused'),
  probes: 'Hide probes',
  probesShown: 'Show probes',
  hiddenProbes: (value: number) => plural(value, 'hidden probe', 'hidden probes'),
  grouped: 'Flows',
  flat: 'Rows',
  view: 'Order of the list',
  groupedHint: 'Requests that belong together, under one heading',
  flatHint: 'Every request in the order in which it came',
}
