import { describe, expect, it } from 'vitest'
import { content, curl, isSecret, masked, maskedHead, readable } from '$lib/format/wire'
import { blob, sample } from '../dev/sample'

const SCIM = 'http://127.0.0.1:8787/scim/v2'

describe('secrets', () => {
  it('are the fields that carry credentials, in any case', () => {
    for (const name of ['Authorization', 'AUTHORIZATION', 'cookie', 'Set-Cookie']) expect(isSecret(name)).toBe(true)
    for (const name of ['Content-Type', 'X-Authorization-Mode']) expect(isSecret(name)).toBe(false)
  })

  it('are masked with their scheme in sight', () => {
    expect(masked('Bearer abc')).toBe('Bearer ••••••••')
    expect(masked('  basic dXNlcg==')).toBe('basic ••••••••')
    expect(masked('abc')).toBe('••••••••')
    expect(masked('Bearer')).toBe('••••••••')
  })

  it('are masked in a head, and every other byte stays', () => {
    const head = 'GET /Users HTTP/1.1\r\nX-fOo:   a\r\nAuthorization:  Bearer secret\r\naUTHORIZATION: x\r\n\r\n'
    expect(maskedHead(head)).toBe(
      'GET /Users HTTP/1.1\r\nX-fOo:   a\r\nAuthorization:  Bearer ••••••••\r\naUTHORIZATION: ••••••••\r\n\r\n',
    )
  })
})

describe('the curl command', () => {
  const patch = sample(5)

  it('sends method, address, fields and body', () => {
    const command = curl(patch, SCIM, false)
    expect(command).toContain(`curl -X PATCH 'http://127.0.0.1:8787${patch.request.target}'`.replaceAll("'", ''))
    expect(command).toContain(`-H 'Content-Type: application/scim+json; charset=utf-8'`)
    expect(command).toContain(`--data-binary '${patch.request.body.text}'`)
    expect(command).not.toMatch(/Host:|Content-Length:/)
  })

  it('leaves the token to a variable until secrets are shown', () => {
    expect(curl(patch, SCIM, false)).toContain('-H "Authorization: Bearer $SCIM_TOKEN"')
    expect(curl(patch, SCIM, false)).not.toContain('sample-token')
    expect(curl(patch, SCIM, true)).toContain("-H 'Authorization: Bearer sample-token-0123456789abcdef'")
  })

  it('quotes for a shell', () => {
    const request = { ...patch.request, body: blob(`{"displayName":"O'Hara $HOME"}`) }
    expect(curl({ ...patch, request }, SCIM, false)).toContain(`'{"displayName":"O'\\''Hara $HOME"}'`)
  })

  it('quotes a target with a query', () => {
    expect(curl(sample(1), SCIM, false)).toContain(`curl -X GET '${SCIM}/Users?filter=`)
  })
})

describe('bodies', () => {
  it('that are not text are a hex dump', () => {
    const { text, binary } = readable({ bytes: 3, encoding: 'base64', text: 'FgP/', truncated: false })
    expect(binary).toBe(true)
    expect(text).toMatch(/^00000000 {2}16 03 ff +··.$/)
  })

  it('are meant without their chunk framing', () => {
    const request = { ...sample(5).request, body: blob('2\r\n{}\r\n0\r\n\r\n'), decoded_body: blob('{}') }
    expect(content(request).text).toBe('{}')
  })
})
