// Pictures of the directory, taken from the real server.

import { expect, operations, test, TOKEN } from '../e2e/server'
import { picture } from './picture'

const NAMES =
  'Ada Lovelace,Grace Hopper,Alan Turing,Barbara Liskov,Edsger Dijkstra,Radia Perlman,Donald Knuth,Frances Allen,Tony Hoare,Margaret Hamilton,Ken Thompson,Hedy Lamarr,Dennis Ritchie,Shafi Goldwasser,Leslie Lamport,Jean Bartik'.split(
    ',',
  )

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, viewport: { width: 1360, height: 820 }, deviceScaleFactor: 2, reducedMotion: 'reduce' })

    test(`directory, ${colorScheme}`, async ({ opened, entra, request, server }) => {
      test.slow()
      const ids: string[] = []
      for (const name of NAMES) {
        const userName = `${name.toLowerCase().replace(' ', '.')}@example.com`
        ids.push(await entra.create(userName, name))
      }
      const [ada = '', grace = ''] = ids
      await request.post(`${server.scim}/Groups`, {
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' },
        data: {
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
          displayName: 'Research',
          members: ids.map((value) => ({ value })),
        },
      })
      const manager = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager'
      await entra.patch(ada, operations({ op: 'Add', path: manager, value: grace }))
      await entra.patch(ada, operations({ op: 'Replace', path: 'title', value: 'Countess' }))
      await entra.patch(ada, operations({ op: 'Replace', path: 'active', value: 'False' }))
      await entra.patch(grace, operations({ op: 'Replace', path: 'active', value: 'False' }))
      await opened.evaluate((id) => (window.location.hash = `#/directory/default/User/${id}`), ada)
      await expect(opened.getByRole('tabpanel')).toContainText('Countess')
      await picture(opened, `directory-${colorScheme}`)
      if (!process.env['SCIMSCOPE_SCREENSHOTS']) return
      for (const [name, key] of [
        ['references', '2'],
        ['history', '3'],
        ['json', '4'],
      ] as const) {
        await opened.keyboard.press(key)
        await expect(opened.getByRole('tabpanel')).toHaveAttribute('aria-busy', 'false')
        await opened.waitForTimeout(300)
        await picture(opened, `directory-${name}-${colorScheme}`)
      }
      await opened.keyboard.press('1')
      await opened.keyboard.press('t')
      await opened.evaluate((id) => (window.location.hash = `#/directory/default/User/${id}?at=18`), ada)
      await opened.getByRole('combobox').fill('active eqq true')
      await opened.waitForTimeout(600)
      await picture(opened, `directory-time-${colorScheme}`)
      await opened.getByRole('combobox').fill('active eq true and userN')
      await opened.waitForTimeout(600)
      await picture(opened, `directory-complete-${colorScheme}`)
      await opened.setViewportSize({ width: 700, height: 820 })
      await opened.waitForTimeout(300)
      await picture(opened, `directory-narrow-${colorScheme}`)
    })
  })
}
