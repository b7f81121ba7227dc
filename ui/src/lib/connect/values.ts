// What is entered where, for each identity provider: names of fields are texts, values are wire data.

import { strings } from '$lib/strings'

export type Idp = 'entra' | 'okta' | 'onelogin' | 'other'

export const IDPS: Idp[] = ['entra', 'okta', 'onelogin', 'other']

export interface Value {
  label: string
  value: string
  /** Shown only when it is asked for. */
  secret?: boolean
}

/** The parameter by which Entra is asked for requests as the RFC has them. */
export const ENTRA_FLAG = 'aadOptscim062020'

/** The fields of an identity provider with their values. */
export function valuesOf(idp: Idp, url: string, token: string, compliant: boolean): Value[] {
  const texts = strings.connect
  switch (idp) {
    case 'entra':
      return [
        { label: texts.entra.url, value: compliant ? `${url}?${ENTRA_FLAG}` : url },
        { label: texts.entra.token, value: token, secret: true },
      ]
    case 'okta':
      return [
        { label: texts.okta.url, value: url },
        { label: texts.okta.unique, value: 'userName' },
        { label: texts.okta.auth, value: 'HTTP Header' },
        { label: texts.okta.token, value: token, secret: true },
      ]
    case 'onelogin':
      return [
        { label: texts.onelogin.url, value: url },
        { label: texts.onelogin.token, value: token, secret: true },
      ]
    case 'other':
      return [
        { label: texts.other.url, value: url },
        { label: texts.other.token, value: token, secret: true },
        {
          label: texts.other.curl,
          value: `curl -H 'Authorization: Bearer ${token}' '${url}/Users?count=1'`,
          secret: true,
        },
      ]
  }
}

/** What stands for the port in a command. */
const PORT = '{port}'

export interface Tunnel {
  id: string
  /** The program that has to be installed; ssh is always there. */
  program?: string
  command: string
}

/** Commands that open a tunnel to a port of this machine, in the order in which they are offered. */
export const TUNNELS: Tunnel[] = [
  { id: 'devtunnel', program: 'devtunnel', command: `devtunnel host -p ${PORT} --allow-anonymous` },
  { id: 'cloudflared', program: 'cloudflared', command: `cloudflared tunnel --url http://127.0.0.1:${PORT}` },
  { id: 'ngrok', program: 'ngrok', command: `ngrok http ${PORT}` },
  { id: 'tailscale', program: 'tailscale', command: `tailscale funnel ${PORT}` },
  { id: 'zrok', program: 'zrok', command: `zrok share public http://127.0.0.1:${PORT}` },
  { id: 'ssh', command: `ssh -R 80:localhost:${PORT} nokey@localhost.run` },
]

/** A command with the port in its place; nothing if it does not say where the port goes. */
export function commandFor(command: string, port: number): string | undefined {
  return command.includes(PORT) ? command.replaceAll(PORT, String(port)).trim() : undefined
}

/** How long ago something was, in the largest unit that fits. */
export function ago(at: string, now: number): string {
  const texts = strings.connect.waiting.ago
  const seconds = Math.max(0, Math.round((now - new Date(at).getTime()) / 1000))
  if (seconds < 120) return texts.seconds(seconds)
  if (seconds < 7200) return texts.minutes(Math.round(seconds / 60))
  return texts.hours(Math.round(seconds / 3600))
}
