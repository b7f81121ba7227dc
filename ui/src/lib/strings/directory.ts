// Texts of the directory: resources, their history, and what is done to them by hand.

import { count } from '$lib/format/format'
import { plural } from './plural'

export const directoryStrings = {
  title: 'Directory',
  tenant: 'Tenant',
  types: 'Resource types',
  typeName: (name: string) => (/(s|x|ch)$/.test(name) ? name : `${name}s`),
  none: (type: string) => `There is no ${type} yet.`,
  noneThen: (type: string) => `There was no ${type} then.`,
  noneFits: 'Nothing fits this filter.',
  beyond: 'That moment lies before what is kept: its state cannot be shown any more.',

  filter: {
    label: (type: string) => `SCIM filter for resources of type ${type}`,
    placeholder: 'userName sw "a" and active eq true',
    all: (type: string) => `Every ${type}, in the order of creation. Type a SCIM filter to narrow it down.`,
    completions: 'Completions',
    clear: 'Clear filter',
    found: (total: number, all: number) => `${count(total)} of ${count(all)}`,
    count: (total: number) => count(total),
  },

  list: {
    label: (type: string) => `Resources of type ${type}`,
    name: 'Name',
    column: (path: string) => (path === 'meta.lastModified' ? 'Last change' : path.replace(/^urn:.*:/, '')),
    sort: (path: string) => `Sort by ${path}`,
  },

  pane: {
    label: 'Resource',
    tabs: { attributes: 'Attributes', references: 'References', json: 'JSON' },
    tabsLabel: 'Parts of the resource',
    active: 'Active',
    inactive: 'Inactive',
    version: (version: string) => `version ${version}`,
    close: 'Close detail',
    exchanges: 'Its exchanges',
    loading: 'Loading the resource…',
    gone: 'There is no such resource at this moment. It may have been deleted, or not been there yet.',
    leftOut: (attribute: string, value: number) =>
      `${attribute} has ${plural(value, 'value', 'values')}: too long to be shown here, see References.`,
    json: (type: string) => `${type} as JSON`,
  },

  attributes: {
    primary: 'primary',
    required: 'required',
    long: (value: number) => `Show ${plural(value, 'value', 'values')}`,
    all: (value: number) => `Show all ${count(value)}`,
    more: (value: string) => `and ${value} more`,
    showUnset: (value: number) => `Show ${plural(value, 'attribute', 'attributes')} without a value`,
    hideUnset: 'Hide attributes without a value',
  },

  references: {
    to: 'Refers to',
    from: 'Referred to by',
    none: 'Nothing refers to it, and it refers to nothing.',
    nothing: 'Nothing fits.',
    some: (total: number, all: number) => `${count(total)} of ${count(all)}`,
    search: (title: string) => `Search in: ${title}`,
    searchHint: 'Name or id',
    dangling: 'not there',
    danglingHint: 'No resource has this id',
    indirect: 'indirect',
    indirectHint: 'By way of another group',
  },

  time: {
    open: 'Time',
    label: 'Moment of the directory',
    now: 'Now',
    hint: 'Move the slider to see the directory as it was after any exchange.',
    after: (seq: number) => `After exchange ${count(seq)}`,
    revision: (revision: string) => `Revision ${revision}`,
    beginning: 'Before the first exchange',
    readOnly: 'Read only',
    slider: 'Exchange after which the directory is shown',
    previous: 'Exchange before that changed something',
    next: 'Exchange after that changed something',
    of: (value: string, head: string) => `${value} / ${head}`,
    back: 'Back to now',
    close: 'Close',
  },

  commands: {
    filter: 'Search resources',
    next: 'Next resource',
    previous: 'Previous resource',
    pageDown: 'A screenful down',
    pageUp: 'A screenful up',
    first: 'First resource',
    last: 'Last resource',
    close: 'Close the resource',
    tabs: ['Attributes of the resource', 'References of the resource', 'JSON of the resource'],
    time: 'Show the directory at another moment',
    now: 'Back to the directory of now',
  },
}
