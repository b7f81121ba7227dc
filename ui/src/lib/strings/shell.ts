// Texts of the frame: rail, palette, key sheet, settings of appearance.

export const shellStrings = {
  screens: {
    live: 'Live',
    directory: 'Directory',
    checks: 'Checks',
    seed: 'Seed',
    connect: 'Connect',
    settings: 'Settings',
  },

  shell: {
    rail: 'Screens',
    railHint: (label: string, key: string) => `${label} (g, then ${key})`,
    goTo: (label: string) => `Go to ${label}`,
    group: 'Everywhere',
    goGroup: 'Go to',
    palette: 'Find a command or a place',
    keySheet: 'Show keyboard shortcuts',
    about: 'About Scimscope',
    pause: 'Pause the server: clients are asked to come later',
    resume: 'Resume the server: clients are answered again',
    welcome: 'Show the welcome',
    copyUrl: 'Copy the SCIM base URL',
    copyToken: 'Copy the bearer token',
    theme: (label: string) => `Theme: ${label}`,
    pageTitle: (screen: string) => `${screen} – Scimscope`,
    nowhereTitle: 'There is no such screen',
    nowhereBody: (address: string) => `The address ends in ${address}, which names no screen of this version.`,
    nowhereBack: 'Go to Live',
    screenFailed: (screen: string) => `${screen} did not come`,
    screenFailedBody:
      'This part of the page could not be fetched: the server is away, or another version of it was started.',
    reload: 'Load the page again',
  },

  drop: {
    hint: 'Drop the file to open it',
    unknown: (name: string, known: string[]) =>
      known.length > 0
        ? `${name} cannot be opened by dropping it here. Here one can drop ${known.join(', ')}.`
        : `${name} cannot be opened by dropping it here.`,
    onlyOne: (name: string) => `Only ${name} was opened: one file at a time.`,
  },

  about: {
    what: 'A SCIM 2.0 server to look into, for those who build or run provisioning.',
    licence: 'Licence',
    report: 'For a report',
    reportHint: 'Versions of app, engine and system',
    reportCopy: 'Copy versions',
    madeOf: (parts: number) => (parts > 0 ? `Made of ${parts} parts by others` : 'Made of parts by others'),
    parts: 'Parts by others with their licences',
    name: 'Name',
    version: 'Version',
    failed: (why: string) => `The list could not be loaded: ${why}`,
  },

  palette: {
    label: 'Command palette',
    hint: 'What do you want to do?',
    none: (text: string) => `Nothing fits “${text}”.`,
  },

  keys: {
    title: 'Keyboard shortcuts',
  },
}
