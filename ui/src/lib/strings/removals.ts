import { plural } from './plural'

/** What is said when exchanges are removed. */
export const removalsStrings = {
  label: 'Removal',
  cleared: 'The list was cleared',
  removed: (count: number) => `${plural(count, 'exchange', 'exchanges')} removed`,
  tagged: (tag: string) => `Exchanges tagged ‘${tag}’ removed`,
  going: 'Removing…',
  undo: 'Undo',
  undoIn: (seconds: number) => `Undo, ${plural(seconds, 'second', 'seconds')} left`,
  undone: 'Nothing was removed',
  failed: (why: string) => `Nothing was removed: ${why}`,
  clear: 'Clear the list, but for what is pinned',
  remove: 'Remove the selected exchanges',
  removeShort: 'Remove',
  undoLong: 'Undo the removal',
  sample: 'The sample’s exchanges carry the tag ‘sample’.',
  removeSample: 'Remove them',
  removeSampleLong: 'Remove the exchanges of the sample',
  keepSample: 'Keep them',
  emptyTitle: 'The list is empty',
  emptyBody:
    'Its exchanges were removed; what they changed in the directory is still there. New requests show up here as they come.',
}
