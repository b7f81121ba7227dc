// Every text that the page says. Wire data is never here and never translated. The texts of a screen are a file of their own in
// `strings/`, and a line here.

import type { Change, Exchange, Line, Operation, Severity, Status, Verdict } from '$lib/api/types'
import { count } from '$lib/format/format'
import { demoStrings } from './strings/demo'
import { desktopStrings } from './strings/desktop'
import { directoryStrings } from './strings/directory'
import { connectStrings } from './strings/connect'
import { plural } from './strings/plural'
import { pseudo, pseudoChosen } from './strings/pseudo'
import { proxyStrings } from './strings/proxy'
import { removalsStrings } from './strings/removals'
import { replayStrings } from './strings/replay'
import { rulesStrings } from './strings/rules'
import { workspaceStrings } from './strings/workspace'
import { seedStrings } from './strings/seed'
import { settingsStrings } from './strings/settings'
import { shellStrings } from './strings/shell'
import { columnsStrings } from './strings/columns'
import { compareStrings } from './strings/compare'
import { faultsStrings } from './strings/faults'
import { fileStrings } from './strings/file'
import { filterStrings } from './strings/filter'
import { flowsStrings, marksStrings } from './strings/flows'
import { transferStrings } from './strings/transfer'
import { checksStrings, densityStrings, whyStrings } from './strings/inspect'

const catalogue = {
  ...shellStrings,
  demo: demoStrings,
  settings: settingsStrings,
  workspace: workspaceStrings,
  directory: directoryStrings,
  desktop: desktopStrings,
  connect: connectStrings,
  rules: rulesStrings,
  faults: faultsStrings,
  proxy: proxyStrings,
  seed: seedStrings,
  removals: removalsStrings,
  replay: replayStrings,
  columns: columnsStrings,
  transfer: transferStrings,
  file: fileStrings,

  product: 'Scimscope',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'The clipboard refused. Select the text and copy it by hand.',
  close: 'Close',
  cancel: 'Cancel',
  retry: 'Try again',
  showAll: 'Show all',
  showMore: 'Show more',
  showLess: 'Show less',
  none: '—',

  session: {
    starting: 'Connecting to Scimscope…',
    lockedTitle: 'Paste the control token',
    lockedBody:
      'This page shows recorded requests with their secrets, so it needs the control token. Scimscope printed it when it started, in the address to open.',
    tokenLabel: 'Control token',
    open: 'Open',
    wrongToken:
      'That is not the token of this server. It changes at every start unless it was given with --control-token.',
    unreachableTitle: 'Scimscope does not answer',
    unreachableBody: 'The server behind this page is not running or cannot be reached. Start it and try again.',
    failedTitle: 'Scimscope could not be opened',
  },

  top: {
    url: 'SCIM base URL',
    token: 'Bearer token',
    copyUrl: 'Copy SCIM base URL',
    copyToken: 'Copy bearer token',
    revealToken: 'Show token',
    hideToken: 'Hide token',
    theme: 'Theme',
    themes: { system: 'Follow the system', light: 'Light', dark: 'Dark', contrast: 'High contrast' },
    themeIs: (theme: string) => `Theme: ${theme}`,
    help: 'Keyboard shortcuts',
    live: 'Listening',
    paused: 'Paused',
    lost: 'Connection lost',
    connecting: 'Connecting',
  },

  banner: {
    lost: (seconds: number) =>
      seconds > 0
        ? `Connection to Scimscope lost. Trying again in ${plural(seconds, 'second', 'seconds')}.`
        : 'Connection to Scimscope lost. Trying again…',
    lostDetail: 'Rows shown here may be old; the list continues where it stopped.',
    retryNow: 'Retry now',
    port: (requested: number, actual: number) =>
      `Port ${requested} is taken, so SCIM listens on ${actual}. Update the URL at your identity provider, or free the port and restart.`,
    paused: 'Scimscope is paused: requests are recorded and answered with 503, nothing is carried out.',
    resume: 'Resume',
    dismiss: 'Dismiss',
    storage: (problem: string) =>
      `The workspace file cannot be written: ${problem}. Recording continues in memory only and ends with the program.`,
  },

  welcome: {
    title: 'Ready for the first request',
    titleAgain: 'Welcome',
    back: 'Back to Live',
    lead: 'Point your identity provider at this address. Every request shows up here as it arrives, with what it changed.',
    run: 'Run sample Entra flow',
    running: 'Playing the sample…',
    runHint: 'Nine requests, played over a real socket: look up, create, group, update, disable, delete.',
    runFailed: (why: string) => `The sample could not be played: ${why}`,
    listening: (address: string) => `Listening on ${address}`,
    never: 'last request: never',
    howTitle: 'Connect an identity provider',
    guide: 'Every value to enter, tunnels, and a self-test',
    cloud: 'Entra and Okta call from the cloud: they reach this machine only through a tunnel or a public address.',
  },

  live: 'Live',

  filter: filterStrings,
  compare: compareStrings,
  flows: flowsStrings,
  marks: marksStrings,
  checks: checksStrings,
  why: whyStrings,
  density: densityStrings,

  list: {
    label: 'Exchanges, oldest first',
    time: 'Time',
    verdict: 'Verdict',
    what: 'What happened',
    method: 'Method',
    target: 'Target',
    status: 'Status',
    took: 'Took',
    arrived: (value: number) => `${count(value)} new`,
    jump: (value: number) => `Go to the newest: ${plural(value, 'new exchange', 'new exchanges')}`,
    announced: (rows: number, errors: number) =>
      plural(rows, 'new request', 'new requests') + (errors > 0 ? `, ${plural(errors, 'error', 'errors')}` : ''),
    loading: 'Loading…',
    noResponse: 'no response',
    notHttp: 'Not HTTP',
    arriving: 'Request is arriving…',
    probe: 'Probe',
    probeHint: 'Only tests that the server is there',
    tolerance: (code: string, title: string | undefined) =>
      title ? `${code}: ${title}` : `Tolerated deviation ${code}`,
    spokenRow: (verdict: string, sentence: string) => `${verdict}. ${sentence}`,
  },

  verdict: {
    pending: 'Pending',
    ok: 'OK',
    tolerated: 'Tolerated',
    refused: 'Refused',
    failed: 'Failed',
    broken: 'Broken',
  } satisfies Record<Verdict, string>,

  severity: { info: 'Note', tolerated: 'Tolerated', warning: 'Suspicious', error: 'Error' } satisfies Record<
    Severity,
    string
  >,

  liveKeys: {
    list: 'List of exchanges',
    detail: 'Detail',
    next: 'Next exchange',
    previous: 'Previous exchange',
    first: 'First exchange',
    newest: 'Newest exchange',
    pageDown: 'A screenful down',
    pageUp: 'A screenful up',
    open: 'Open the detail',
    close: 'Close the detail',
    tab: (label: string) => `Show ${label}`,
    tabBefore: 'Previous tab',
    tabAfter: 'Next tab',
    filter: 'Filter the list',
    filterBy: 'Only exchanges about the same user, group or client',
    clearFilter: 'Clear the filter',
    extend: 'Choose the next one as well',
    extendUp: 'Choose the previous one as well',
    flowBefore: 'Previous flow',
    flowAfter: 'Next flow',
    grouped: 'Group by flows, or not',
    probes: 'Hide or show probes',
    pause: 'Pause the list, or go on',
    pin: 'Pin, or take the pin off',
    note: 'Write a note',
    tag: 'Add a tag',
    compare: 'Compare two exchanges',
    fold: 'Close the flow',
    unfold: 'Open the flow',
    raw: 'Raw bytes or pretty',
    curl: 'Copy the request as curl',
  },

  detail: {
    label: 'Exchange',
    tabs: {
      summary: 'Summary',
      diff: 'Diff',
      request: 'Request',
      response: 'Response',
      checks: 'Checks',
      why: 'Why',
    },
    tabsLabel: 'Parts of the exchange',
    loading: 'Loading the exchange…',
    failed: (seq: number, why: string) => `Exchange ${seq} could not be loaded: ${why}`,
    previous: 'Previous exchange',
    next: 'Next exchange',
    closeDetail: 'Close detail',
    number: (seq: number) => `#${count(seq)}`,
    copyTarget: 'Copy target',
    decoded: 'Decoded',
    resize: 'Resize list and detail',
  },

  summary: {
    changed: 'What changed',
    wouldChange: 'Would have changed',
    openDiff: 'Open diff',
    moreLines: (value: number) => plural(value, 'more line', 'more lines'),
    timing: 'Timing',
    timingParts: {
      head: 'Request head',
      body: 'Request body',
      handling: 'Decision',
      waiting: 'First byte out',
      sending: 'Sending',
    },
    timingTotal: (text: string) => `Total ${text}`,
    timingNone: 'No times were taken.',
    findings: 'Findings',
    findingsNone: 'Nothing to remark: the request is as the RFC has it.',
    whoSends: 'Seen from',
    rfc: 'Reference',
    profileSwitch: 'Profile switch',
    always: 'Every server has to accept this',
    showInRequest: 'Show in request',
    operations: 'PATCH operations',
    access: 'Access decision',
    passed: 'passed',
    stopped: 'stopped here',
    facts: 'About this exchange',
    factAt: 'Arrived',
    factFrom: 'From',
    factConnection: 'Connection',
    factDialect: 'Dialect',
    factTenant: 'Tenant',
    factRecord: 'Record',
    durable: 'stored in the workspace file',
    notDurable: 'in memory, not stored yet',
    confidence: (percent: number) => `${percent} % sure`,
    ending: 'Ending',
    endings: {
      complete: 'the whole response left',
      aborted: 'the connection ended first',
      timed_out: 'the client took too long',
      refused: 'not taken',
    },
    open: 'still going on',
  },

  operation: {
    name: 'Operation',
    short: (index: number) => `op ${index + 1}`,
    noPath: 'no path',
    outcome: {
      changed: 'changed',
      unchanged: 'no effect',
      refused: 'refused',
      not_reached: 'not reached',
    } satisfies Record<Operation['outcome'], string>,
    wouldEffect: (lines: number) => `would have changed ${plural(lines, 'value', 'values')}`,
    would: 'would have changed something',
    effect: (lines: number) => `changed ${plural(lines, 'value', 'values')}`,
  },

  diff: {
    heading: (change: Change) => {
      const word = { created: 'created', modified: 'modified', deleted: 'deleted' }[change.kind]
      return { type: change.resource_type, word, revision: `revision ${count(change.revision)}` }
    },
    path: 'Path',
    before: 'Before',
    after: 'After',
    operation: 'Operation',
    change: 'Change',
    action: { added: 'added', removed: 'removed', changed: 'changed' } satisfies Record<Line['action'], string>,
    glyph: { added: '+', removed: '−', changed: '~' } satisfies Record<Line['action'], string>,
    notSet: 'not set',
    becomes: 'becomes',
    wouldTitle: 'Refused, so nothing was changed',
    wouldBody: 'Without the refusal it would have changed this:',
    refusedNothing: 'Refused. Nothing was changed.',
    nothingRead: 'A read changes nothing.',
    nothingWritten: 'The request was accepted, but everything it asked for was already so.',
    nothing: 'This exchange changed nothing.',
    counts: (lines: Line[]) => {
      const of = (action: Line['action']) => lines.filter((line) => line.action === action).length
      return { added: of('added'), removed: of('removed'), changed: of('changed') }
    },
    showRest: (value: number) => `Show ${plural(value, 'more line', 'more lines')}`,
    copyId: 'Copy id',
  },

  message: {
    pretty: 'Pretty',
    raw: 'Raw',
    view: 'View',
    headers: 'Headers',
    body: 'Body',
    noBody: 'No body',
    noHeaders: 'No header fields',
    reveal: (name: string) => `Show the value of ${name}`,
    hide: (name: string) => `Hide the value of ${name}`,
    revealSecrets: 'Show secrets',
    hideSecrets: 'Hide secrets',
    copyRaw: 'Copy raw',
    copyCurl: 'Copy as curl',
    copyBody: 'Copy body',
    rawLabel: { request: 'Request as it was on the wire', response: 'Response as it was on the wire' },
    bodyLabel: { request: 'Request body', response: 'Response body' },
    truncated: (shown: string, all: string) => `Only the first ${shown} of ${all} are loaded.`,
    rawLink: 'Open all bytes',
    loadWhole: (bytes: string) => `Show all ${bytes} here`,
    loadingWhole: 'Loading and laying out…',
    wholeFailed: (why: string) => `The whole body could not be shown: ${why}`,
    wholeLines: (value: number) => plural(value, 'line', 'lines'),
    longText: (shown: string, all: string) => `${shown} of ${all} shown.`,
    dropped: (bytes: string) => `${bytes} more came than were kept.`,
    chunked: 'sent in chunks, shown joined',
    binary: 'Not text: shown as hex.',
    notJson: 'Not JSON: shown as it came.',
    brokenJson: 'Broken JSON: laid out as far as it can be read.',
    noResponse: 'No response left.',
    pendingResponse: 'The response has not left yet.',
    notSent: 'Decided, but not on the wire: the connection ended first or the exchange is still open.',
    decoded: 'decoded',
    size: (text: string) => text,
  },

  status: {
    label: 'State of the server',
    rows: (value: number) => plural(value, 'exchange', 'exchanges'),
    flows: (value: number) => plural(value, 'flow', 'flows'),
    resources: (resources: Status['resources']) =>
      resources.map((entry) => plural(entry.count, entry.resource_type, `${entry.resource_type}s`)).join(' · '),
    memory: (held: string, budget: string) => `${held} of ${budget}`,
    disk: (used: string, budget: string) => `Disk ${used} of ${budget}`,
    diskHint: (exchanges: number, flows: number) =>
      exchanges > 0
        ? `${plural(exchanges, 'exchange', 'exchanges')} in ${plural(flows, 'flow', 'flows')} were given up to stay within the budget; pinned ones stay.`
        : 'What the workspace file takes, and how much it may take. Beyond it the oldest flows go; pinned ones stay.',
    memoryHint: 'Memory that the record takes, and how much it may take. Older exchanges are read from the workspace.',
    palette: 'Find',
    temporary: 'Temporary workspace',
    temporaryHint: 'Kept in a file that is deleted when Scimscope ends',
    file: (path: string) => path.split(/[\\/]/).pop() ?? path,
    memoryOnly: 'Memory only',
    durabilities: {
      acknowledged: 'Stored before answering',
      relaxed: 'Stored after answering',
      power_safe: 'On the disk before answering',
    },
    durabilityHint: 'When an answer leaves. It is a setting of the workspace.',
    behind: (entries: number) => `${plural(entries, 'entry', 'entries')} to store`,
    profile: 'Profile',
    profiles: { tolerant: 'Tolerant', 'rfc-strict': 'Strict RFC' } as Record<string, string>,
    profileFailed: (why: string) => `The profile was not changed: ${why}`,
  },

  errors: {
    network: 'no answer from the server',
    http: (status: number) => `the server answered ${status}`,
  },

  sentence: (exchange: Pick<Exchange['summary'], 'sentence' | 'method' | 'closed'>): string =>
    exchange.sentence || (exchange.method === '' ? strings.list.notHttp : strings.list.arriving),
}

export const strings = pseudoChosen() ? pseudo(catalogue) : catalogue
