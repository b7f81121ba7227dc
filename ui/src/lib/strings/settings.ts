// Texts of the settings.

export const settingsStrings = {
  title: 'Settings',
  sections: 'Sections of the settings',
  goTo: (label: string) => `Settings: ${label}`,

  appearance: {
    title: 'Appearance',
    lead: 'Kept in this browser. It changes nothing of the server.',
    theme: 'Theme',
    themeHint: 'High contrast has stronger lines and text, on the ground that the system prefers.',
    motion: 'Motion',
    motionHint: 'Reduced motion shows what changed at once, without gliding there.',
    motions: { system: 'Follow the system', reduced: 'Reduced' },
    language: 'Texts',
    languageHint:
      'The test locale makes every text longer and accented, which shows whether a translation would fit. The page is loaded again.',
    languages: { en: 'English', pseudo: 'Test locale' },
  },
}
