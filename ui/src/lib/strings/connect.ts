// Texts of Connect: what to enter where, how to be reached, and what to check while nothing arrives.

export const connectStrings = {
  title: 'Connect',
  lead: 'What to enter at the identity provider, and how it reaches this machine.',
  exposure: 'Who can reach it',
  exposures: { local: 'Local only', lan: 'Local network', public: 'Public URL set' },
  exposureTexts: {
    local: 'Only programs on this machine reach the SCIM listener.',
    lan: 'Every machine of the network reaches the SCIM listener. Keep the token secret.',
    public: 'Clients are told the public URL. Whoever knows it and the token can read and change this tenant.',
  },

  idps: 'Identity provider',
  steps: 'Steps',
  values: 'Values to enter',
  copyValue: (label: string) => `Copy ${label}`,
  needsPublic: 'It calls from the cloud, so it needs the public https URL. Set it below.',
  local: 'It runs where you run it, so no tunnel is needed if it reaches this machine.',
  entra: {
    name: 'Microsoft Entra ID',
    steps: [
      'Enterprise applications › your application › Provisioning › New configuration.',
      'Authentication method: Bearer authentication. Enter both values and press Test connection.',
      'The test looks for a random user: an empty list is the right answer.',
      'Provision on demand sends one user within half a minute. The regular cycle is every 40 minutes.',
    ],
    url: 'Tenant URL',
    token: 'Secret token',
    flag: 'Ask Entra for compliant PATCH requests',
    flagHint:
      'Adds ?aadOptscim062020 to the tenant URL: lower-case operations, paths with filters, booleans as booleans. Provision on demand does not regard it.',
  },
  okta: {
    name: 'Okta',
    steps: [
      'Application › Provisioning › Integration. For a new one: App Integration Wizard, SWA or SAML, then General › SCIM.',
      'Enter the values, choose the supported actions, and press Test Connector Configuration.',
      'The test reads two users and nothing else: it proves none of the ticked actions.',
      'Applications from the wizard send PUT for everything; those of the catalogue send PATCH.',
    ],
    url: 'SCIM connector base URL',
    unique: 'Unique identifier field for users',
    uniqueValue: 'userName',
    auth: 'Authentication mode',
    authValue: 'HTTP Header',
    token: 'Authorization (Bearer)',
    underscore: 'Okta takes no base URL with an underscore.',
  },
  onelogin: {
    name: 'OneLogin',
    steps: [
      'Add the application SCIM Provisioner with SAML (SCIM v2), then Configuration.',
      'The JSON template has to name the schemas of SCIM 2.0; some published ones name those of 1.0.',
      'Enable connects to the base URL at once.',
    ],
    url: 'SCIM base URL',
    token: 'SCIM bearer token',
  },
  other: {
    name: 'authentik, Keycloak, others',
    steps: [
      'Enter base URL and token where it asks for a SCIM 2.0 target.',
      'To try it by hand, paste the command into a terminal.',
    ],
    url: 'Base URL',
    token: 'Bearer token',
    curl: 'Command to try it',
  },

  public: {
    title: 'Public URL',
    lead: 'The https URL of a tunnel or proxy that leads to this machine. Locations in answers are written with it.',
    label: 'Public URL',
    example: 'https://example.com',
    hint: 'Without a path, that of the tenant is added.',
    set: 'Set',
    remove: 'Remove',
    notSet: 'Not set. The self-test tries the local address.',
  },
  test: {
    title: 'Self-test',
    lead: 'Calls the base URL from outside, as an identity provider would.',
    run: 'Run self-test',
    running: 'Testing…',
    failed: (why: string) => `The self-test did not run: ${why}`,
    names: {
      address: 'Address',
      connection: 'Connection',
      certificate: 'Certificate',
      without_token: 'Without a token',
      with_token: 'With the token',
      arrival: 'Arrived here',
    },
    states: { passed: 'passed', warned: 'with a reservation', failed: 'failed', skipped: 'not tried' },
    verdicts: {
      passed: 'An identity provider can use this URL.',
      warned: 'It works, with the reservations below.',
      failed: 'An identity provider cannot use this URL. The first failed step says why.',
      skipped: 'Nothing was tried.',
    },
    took: (text: string) => `round trip ${text}`,
    tested: (url: string) => `Tested ${url}`,
  },

  tunnel: {
    title: 'A way in from the cloud',
    lead: 'Entra and Okta call from the cloud and reach a laptop only through a tunnel. None is ever started from here: copy a command, run it in a terminal, and enter the URL that it prints as the public URL.',
    copy: (name: string) => `Copy the command of ${name}`,
    options: [
      {
        name: 'Microsoft dev tunnels',
        text: 'Good fit with Entra. Anonymous access has to be allowed, because the identity provider cannot sign in; an organisation can forbid that.',
      },
      {
        name: 'Cloudflare quick tunnel',
        text: 'No account. The host is another one at every start, so keep it running for the session.',
      },
      { name: 'ngrok', text: 'A stable domain with an account. Its own inspector shows the same requests again.' },
      {
        name: 'localhost.run',
        text: 'Nothing to install but ssh. The host changes now and then; another command of yours does as well.',
      },
    ],
    needs: 'What it has to be',
    needsList: [
      'https, with a certificate of a public authority',
      'a path that ends in /scim/v2',
      'no page before the first visit',
      'a URL that survives restarts, because the identity provider stores it',
      'a tunnel to the SCIM listener alone: the control API stays on this machine',
    ],
    onPremises: 'The on-premises agent of Entra does not reach the localhost of a developer.',
  },

  waiting: {
    title: 'Is it arriving?',
    never: 'No request has arrived yet.',
    last: (when: string) => `The last request arrived ${when}.`,
    ago: {
      seconds: (value: number) => `${value} s ago`,
      minutes: (value: number) => `${value} min ago`,
      hours: (value: number) => `${value} h ago`,
    },
    cycle: 'The cycle of Entra takes up to 40 minutes. Provision on demand sends one user at once.',
    checks: 'Nothing arrives? Check that',
    checksList: [
      'the tunnel runs and leads to this port',
      'the URL at the identity provider ends in /scim/v2',
      'the self-test passes',
    ],
    refusedTitle: 'Last request that was refused with 401',
    refusedNone: 'No request was refused with 401.',
    openRefused: (seq: number) => `Open exchange ${seq}`,
  },
}
