import { count } from '$lib/format/format'
import { plural } from './plural'

/** What the detail says beside summary and bytes: checks, reasons, densities of a diff, comparisons. */
export const checksStrings = {
  none: 'Nothing to remark: the request is as the RFC has it.',
  who: 'Seen from',
  rfcForm: 'As the RFC has it',
  switch: 'Profile switch',
  always: 'Every server has to accept this',
  noRule: 'No switch governs this',
  place: 'Where',
  show: 'Show in the request',
  filter: 'Show exchanges with this finding',
  atBody: (pointer: string) => (pointer === '' ? 'the body as a whole' : pointer),
  missing: 'Not in the body: it is missing there.',
}

export const whyStrings = {
  loading: 'Working out why…',
  failed: (why: string) => `The reasons could not be told: ${why}`,
  access: 'Access decision',
  noAccess: 'Nothing was checked: the request did not get that far.',
  route: 'Route',
  endpoint: 'Endpoint',
  type: 'Resource type',
  offers: 'It offers',
  noRoute: 'No endpoint of a tenant was reached.',
  tenant: 'Tenant',
  profile: 'Profile now',
  switches: 'Switches that made a difference',
  noSwitches: 'None: every profile would have read this request in the same way.',
  filter: (type: string) => `Filter, asked of every ${type}`,
  index: 'Way',
  byIndex: (attribute: string, looked: number) =>
    `by the index of ${attribute}: ${plural(looked, 'resource', 'resources')} looked at`,
  byWalk: (looked: number, all: number) =>
    `no index fits: ${count(looked)} of ${plural(all, 'resource', 'resources')} looked at`,
  nearest: 'Comes nearest',
  noNearest: 'Nothing meets any part of it.',
  met: (value: number, asked: number) => `${count(value)} of ${count(asked)}`,
  metHint: 'Resources that meet this part',
  holds: 'holds',
  fails: 'does not hold',
  has: 'has',
  hasNothing: 'nothing there',
  joined: { and: 'all of', or: 'one of', not: 'not', test: '' } as Record<string, string>,
  then: (revision: number) =>
    `Looked up in revision ${count(revision)}, as the last change by a request before this one left it.`,
  now: (revision: number) =>
    `Looked up in revision ${count(revision)}, the newest: the one before this request is not kept.`,
  broken: (why: string) => `The filter cannot be read: ${why}`,
}

export const densityStrings = {
  label: 'Density of the diff',
  names: { sentence: 'Sentence', table: 'Table', sides: 'Side by side' },
  copyPatch: 'JSON Patch',
  copyScim: 'SCIM PATCH',
  copyMarkdown: 'Markdown',
  copies: 'Copy this change',
  set: (path: string, after: string) => `${path} is now ${after}`,
  unset: (path: string, before: string) => `${path} is gone, it was ${before}`,
  change: (path: string, before: string, after: string) => `${path}: ${before} → ${after}`,
  more: (value: number, what: string) => `+${count(value)} ${what}`,
  less: (value: number, what: string) => `−${count(value)} ${what}`,
  and: (value: number) => `and ${plural(value, 'more change', 'more changes')}`,
  folded: (value: number) => `${plural(value, 'line', 'lines')} unchanged`,
  unfold: 'Show them',
  before: 'Before',
  after: 'After',
  nothingBefore: 'Not there before.',
  nothingAfter: 'Not there any more.',
  noStates: 'The states are not kept for a refused request; the table has what would have changed.',
  members: (added: number, removed: number, all: number, atLeast: boolean) =>
    `${atLeast ? 'at least ' : ''}${[added ? `+${count(added)}` : '', removed ? `−${count(removed)}` : ''].filter(Boolean).join(' ')} of ${count(all)}`,
  membersLabel: (attribute: string) => `Changed elements of ${attribute}`,
  findMember: (attribute: string) => `Search in ${attribute}`,
  noMember: 'None of them has this text.',
  moreLines: (value: number) => `${plural(value, 'further line is', 'further lines are')} not told here.`,
}
