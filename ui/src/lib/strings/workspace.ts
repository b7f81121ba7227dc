// Texts about opening, saving and keeping workspaces.

import { plural } from './plural'

export const workspaceStrings = {
  group: 'Workspace',
  opened: (name: string) => `The workspace is ${name} now.`,
  temporaryName: 'a temporary workspace',

  saveAs: 'Save workspace as…',
  saveCopy: 'Save a copy of the workspace…',
  download: 'Download a copy of the workspace',
  open: 'Open workspace…',
  create: 'New workspace…',
  createTemporary: 'New temporary workspace',
  recent: (name: string) => `Open recent workspace: ${name}`,

  saveAsShort: 'Save as…',
  saveCopyShort: 'Save a copy…',
  downloadShort: 'Download a copy',
  openShort: 'Open…',
  createShort: 'New…',
  createTemporaryShort: 'New temporary',
  more: 'More for the workspace',

  path: 'File',
  pathHint: 'A whole path on the machine that Scimscope runs on, like /home/ada/work.scimscope.',
  pathExample: '/home/ada/work.scimscope',
  saveAsTitle: 'Save workspace as',
  saveAsHint: 'The workspace stays and goes on in this file. Requests are answered meanwhile.',
  saveCopyTitle: 'Save a copy of the workspace',
  saveCopyHint: 'The copy is the workspace as it is now. Work goes on in the open one.',
  save: 'Save',
  openTitle: 'Open workspace',
  openHint: 'It takes the place of the open one, behind the same addresses. Requests that come meanwhile wait.',
  openDeed: 'Open',
  createTitle: 'New workspace',
  createHint: 'An empty workspace in a new file takes the place of the open one.',
  createDeed: 'Create',
  replace: 'Replace a workspace that is there already',

  notAllowedTitle: 'Files are not opened from here',
  notAllowed:
    'This server neither opens nor writes files that the page names. Start it with --allow-open if it should. A copy can be downloaded in any case.',

  losesTitle: 'Give up the temporary workspace?',
  losesBody: (exchanges: number) =>
    `It is deleted when another one is opened, with ${plural(exchanges, 'exchange', 'exchanges')} and everything else in it. Save it first to keep it.`,
  losesDeed: 'Give it up',

  saving: (percent: number) => `Saving… ${percent} %`,
  savingTitle: 'Saving the workspace',
  saved: (path: string) => `Saved as ${path}.`,
  savedCopy: (path: string) => `A copy was saved as ${path}.`,
  saveFailed: (why: string) => `The workspace was not saved: ${why}`,
  cancelled: 'Saving was cancelled. No file was made.',
  openFailed: (why: string) => `Not opened: ${why}`,

  recentTitle: 'Recent',
  recentLead: 'Workspaces that were open on this machine.',
  recentNone: 'No workspace with a file of its own was open yet.',
  recentOff: 'The server keeps a list of recent workspaces when it is started with --allow-open.',
  isOpen: 'Open',
  missing: 'Missing',
  missingHint: 'The file is not there any more, or its disk is not.',
  openedAt: (when: string) => `opened ${when}`,
  forget: (name: string) => `Forget ${name}`,
  openThis: (name: string) => `Open ${name}`,

  recovered: (exchanges: number, through: number, cut: number) =>
    `The last run ended without closing this workspace. ${plural(exchanges, 'exchange of it was', 'exchanges of it were')} recovered, up to number ${through}${cut > 0 ? `; ${plural(cut, 'was', 'were')} cut short` : ''}.`,
  recoveredLabel: 'After a crash',
  readOnly: (problem: string) => `The workspace cannot be written: ${problem}`,

  durability: 'When an answer leaves',
  durabilityLead: 'It holds for this workspace, from the next answer on.',
  durabilityNames: { relaxed: 'Relaxed', acknowledged: 'Acknowledged', power_safe: 'Power-safe' },
  cost: 'Cost',
  durabilityOfTemporary: 'A temporary workspace is deleted when Scimscope ends, so nothing in it outlives a crash.',
}
