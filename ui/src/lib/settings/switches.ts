// Which switches of a profile are shown, in which order, and where discovery announces them. Their texts are in the catalogue.

export interface Switch {
  name: string
  kind: 'switch' | 'number' | 'choice'
  /** Member of ServiceProviderConfig that shows it. */
  announced?: string
}

export const groups: { id: string; switches: Switch[] }[] = [
  {
    id: 'writing',
    switches: [
      {
        name: 'patch',
        announced: 'patch',
        kind: 'switch',
      },
      {
        name: 'patch_answer',
        kind: 'choice',
      },
      {
        name: 'put_omission',
        kind: 'choice',
      },
      {
        name: 'change_password',
        announced: 'changePassword',
        kind: 'switch',
      },
      {
        name: 'referential_integrity',
        kind: 'switch',
      },
    ],
  },
  {
    id: 'lists',
    switches: [
      {
        name: 'filter',
        announced: 'filter',
        kind: 'switch',
      },
      {
        name: 'unknown_filter_attribute',
        kind: 'choice',
      },
      {
        name: 'sort',
        announced: 'sort',
        kind: 'switch',
      },
      {
        name: 'search',
        kind: 'switch',
      },
      {
        name: 'root_query',
        kind: 'switch',
      },
      {
        name: 'index_pagination',
        announced: 'pagination',
        kind: 'switch',
      },
      {
        name: 'cursor_pagination',
        announced: 'pagination',
        kind: 'switch',
      },
      {
        name: 'default_pagination',
        announced: 'pagination',
        kind: 'choice',
      },
      {
        name: 'default_page_size',
        announced: 'pagination',
        kind: 'number',
      },
      {
        name: 'max_results',
        announced: 'filter',
        kind: 'number',
      },
      {
        name: 'too_many_results',
        kind: 'number',
      },
    ],
  },
  {
    id: 'rest',
    switches: [
      {
        name: 'bulk',
        announced: 'bulk',
        kind: 'switch',
      },
      {
        name: 'bulk_max_operations',
        announced: 'bulk',
        kind: 'number',
      },
      {
        name: 'bulk_max_payload_bytes',
        announced: 'bulk',
        kind: 'number',
      },
      {
        name: 'etag',
        announced: 'etag',
        kind: 'switch',
      },
      {
        name: 'require_if_match',
        kind: 'switch',
      },
      {
        name: 'me',
        kind: 'choice',
      },
      {
        name: 'open_service_provider_config',
        kind: 'switch',
      },
      {
        name: 'error_extension',
        kind: 'switch',
      },
    ],
  },
]

/** The tolerances that a switch governs. */
export const toleranceRules: Record<string, string> = {
  string_booleans: 'T3',
  create_missing_element: 'T4',
  replace_creates_missing_element: 'T4',
  remove_by_value: 'T5',
  dotted_names: 'T6',
  bare_complex: 'T7',
  empty_unassigns: 'T8',
  read_only_if_equal: 'T12',
  single_for_list: 'T13',
  filter_after_value_path: 'T15',
  unquoted_literals: 'T16',
}
