import { count } from '$lib/format/format'
import { plural } from './plural'

/** What is said of flows: in the list, as cards and as lanes. */
export const flowsStrings = {
  title: 'Flows',
  unnamed: (sentence: string) => sentence,
  steps: (value: number) => plural(value, 'request', 'requests'),
  kinds: {
    test_connection: 'test connection',
    import: 'import',
    provision: 'provision',
    update: 'update',
    deactivate: 'deactivate',
    reactivate: 'reactivate',
    delete: 'delete',
    group_push: 'group push',
    membership: 'membership',
    unknown: 'other',
  } as Record<string, string>,
}

/** Pins, notes and tags. */
export const marksStrings = {
  pinned: 'Pinned',
  hasNote: 'Has a note',
  pin: 'Pin',
  unpin: 'Take the pin off',
  note: 'Note',
  notePlaceholder: 'What is worth knowing about this exchange?',
  tags: 'Tags',
  addTag: 'Add a tag',
  tagPlaceholder: 'Tag, then Enter',
  removeTag: (tag: string) => `Take the tag ${tag} off`,
  save: 'Save',
  cancel: 'Cancel',
  failed: (why: string) => `The mark was not kept: ${why}`,
  pinnedSay: (value: number) => `Pinned ${plural(value, 'exchange', 'exchanges')}`,
  unpinnedSay: (value: number) => `Took the pin off ${plural(value, 'exchange', 'exchanges')}`,
  compare: 'Compare',
  tag: 'Tag',
  selected: (value: number) => `${count(value)} selected`,
  clearSelection: 'Clear the selection',
}
