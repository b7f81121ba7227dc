// The shapes of the control API under the names that the page uses. They come from the server's own description.

import type { components } from './schema'

type Schemas = components['schemas']

export type AuthStep = Schemas['AuthStep']
export type Batch = Schemas['Batch']
export type Blob = Schemas['Blob']
export type Change = Schemas['Change']
export type Credential = Schemas['CredentialInfo']
export type CredentialChange = Schemas['CredentialChange']
export type NewCredential = Schemas['NewCredential']
export type FindingGroup = Schemas['FindingGroup']
export type FindingPage = Schemas['FindingPage']
/** A profile with all of its switches; docs/profiles.md says what they are. */
export type Switches = Record<string, unknown> & { name: string; leniency: Record<string, boolean> }
export type ConnectionInfo = Schemas['ConnectionInfo']
export type Finding = Schemas['Finding']
export type Job = Schemas['Job']
export type JobStarted = Schemas['JobStarted']
export type Line = Schemas['Line']
export type Operation = Schemas['Operation']
/** What the list needs of a page of exchanges; the answer has more for searches. */
export type Page = Pick<Schemas['ExchangePage'], 'items' | 'head'>
/** A page of a search. */
export type FoundPage = Schemas['ExchangePage']
export type HiddenClause = Schemas['HiddenByClause']
export type Place = Schemas['Place']
export type Removal = Schemas['Removal']
export type Profile = Schemas['ProfileInfo']
export type QueryClause = Schemas['QueryClause']
export type QueryCompletion = Schemas['QueryCompletion']
export type QueryCompletions = Schemas['QueryCompletions']
export type QueryDiagnostic = Schemas['QueryDiagnostic']
export type QueryInfo = Schemas['QueryInfo']
export type SearchLine = Schemas['SearchLine']
export type Severity = Schemas['Severity']
export type SelfTest = Schemas['SelfTest']
export type SelfTestStep = Schemas['SelfTestStep']
export type Status = Schemas['Status']
export type Summary = Schemas['Summary']
export type Tenant = Schemas['TenantInfo']
export type NewUpstream = Schemas['NewUpstream']
export type TenantChange = Schemas['TenantChange']
export type Times = Schemas['Times']
export type Tolerance = Schemas['ToleranceText']
export type BodyComparison = Schemas['BodyComparison']
export type FlowComparison = Schemas['FlowComparison']
export type StepComparison = Schemas['StepComparison']
export type FlowDetail = Schemas['Flow']
export type FlowLink = Schemas['FlowLink']
export type FlowSummary = Schemas['FlowSummary']
export type FilterClause = Schemas['FilterClause']
export type Why = Schemas['Why']
export type MarksChange = Partial<Schemas['MarksChange']> & Pick<Schemas['MarksChange'], 'seqs'>
export type Marks = Schemas['Marks']
export type View = Schemas['View']
export type Verdict = Schemas['Verdict']
export type Durability = Schemas['Durability']
export type RecentWorkspace = Schemas['RecentWorkspace']
export type WorkspaceInfo = Schemas['WorkspaceInfo']

/** Name and value; the generated type only knows that it is a list. */
export type Field = [name: string, value: string]

export type RequestView = Omit<Schemas['RequestView'], 'headers'> & { headers: Field[] }
export type ResponseView = Omit<Schemas['ResponseView'], 'headers'> & { headers: Field[] }
export type Exchange = Omit<Schemas['Exchange'], 'request' | 'response'> & {
  request: RequestView
  response?: ResponseView | null
}
