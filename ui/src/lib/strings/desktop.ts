// Texts of what only the desktop app has: menu, closing, settings of the app.

export const desktopStrings = {
  title: 'Desktop',
  lead: 'How the app behaves on this desktop. Nothing here changes the server or the workspace.',
  group: 'App',

  menu: {
    file: 'File',
    edit: 'Edit',
    view: 'View',
    window: 'Window',
    help: 'Help',
    undo: 'Undo',
    redo: 'Redo',
    cut: 'Cut',
    copy: 'Copy',
    paste: 'Paste',
    selectAll: 'Select all',
    find: 'Find',
    recent: 'Open recent',
    theme: 'Theme',
    minimize: 'Minimise',
    fullscreen: 'Full screen',
    close: 'Close window',
    quit: 'Quit',
  },

  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  zoomReset: 'Actual size',
  refresh: 'Read the state again',
  reveal: 'Show the data folder',
  zoomIs: (percent: number) => `${percent} %`,
  failed: (why: string) => `Not done: ${why}`,

  closing: {
    title: 'Scimscope goes on serving',
    body: 'Closing the window leaves the server running, so that an identity provider is answered while you do not look.',
    withTray: 'Its icon in the tray shows the state, brings the window back and quits.',
    withoutTray: 'To bring the window back, start Scimscope again. File > Quit ends the server too.',
    keep: 'Close window',
    quit: 'Quit Scimscope',
    later: 'This is asked once. Settings > Desktop changes it.',
  },

  onClose: 'When the window is closed',
  onCloseHint: 'A server that goes on answers identity providers and records them while no window is open.',
  onCloseNoTray: 'This desktop shows no tray icons: start Scimscope again to bring the window back.',
  onCloses: { ask: 'Ask', keep: 'Go on serving', quit: 'Quit' },
  notifications: 'Notifications',
  notificationsHint:
    'Of the first request after ten quiet minutes, and of errors of a kind not seen since the start; never while you look at the window.',
  notificationsNone: 'This desktop has no notification service.',
  zoom: 'Zoom',
  zoomHint: 'How large everything is drawn.',
  links: 'Links to flows and exchanges',
  linksHint:
    'scimscope://flow/12 and scimscope://exchange/7 show that flow or exchange. A link never changes anything.',
  linksOpen: 'Such links are opened with this program.',
  linksRegister: 'Open such links with Scimscope',
  data: 'Data folder',
  dataHint: 'The default workspace and the settings of the app.',
  dataShow: 'Show',

  workspaces: 'workspace files (.scimscope)',
  givenTitle: 'Open another workspace?',
  given: (path: string) =>
    `Scimscope was started again with ${path}. It would take the place of the open workspace, behind the same addresses.`,
}
