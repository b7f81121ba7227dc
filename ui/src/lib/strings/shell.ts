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
    copyUrl: 'Copy the SCIM base URL',
    copyToken: 'Copy the bearer token',
    theme: (label: string) => `Theme: ${label}`,
    pageTitle: (screen: string) => `${screen} – Scimscope`,
    nowhereTitle: 'There is no such screen',
    nowhereBody: (address: string) => `The address ends in ${address}, which names no screen of this version.`,
    nowhereBack: 'Go to Live',
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
