// The switches of a profile in words, by their names; docs/profiles.md says the same at more length.

export interface SwitchText {
  title: string
  text: string
  /** What to choose from, by value. */
  options?: Record<string, string>
  unit?: string
}

export const switchGroups: Record<string, string> = {
  writing: 'Writing',
  lists: 'Lists',
  rest: 'Bulk, versions, and the rest',
}

export const switchTexts: Record<string, SwitchText> = {
  patch: {
    title: 'PATCH',
    text: 'Offered; without it, PATCH is answered with 501.',
  },
  patch_answer: {
    title: 'Answer to a PATCH',
    text: 'What a PATCH that succeeds is answered with.',
    options: {
      resource: 'Resource (200)',
      no_content: 'Nothing (204)',
    },
  },
  put_omission: {
    title: 'Omitted in a PUT',
    text: 'What becomes of attributes that the body of a PUT leaves out.',
    options: {
      clear: 'Cleared',
      keep: 'Kept',
    },
  },
  change_password: {
    title: 'Change of passwords',
    text: 'PUT and PATCH may change a password; without it, 400.',
  },
  referential_integrity: {
    title: 'Referential integrity',
    text: 'A reference to a resource that is not there is refused; without it, it is kept, with a finding.',
  },
  filter: {
    title: 'Filters',
    text: 'Lists can be filtered; without it, 501.',
  },
  unknown_filter_attribute: {
    title: 'Unknown attribute in a filter',
    text: 'What a filter does with an attribute that no schema has.',
    options: {
      absent: 'Absent everywhere',
      refuse: 'Refused (400)',
    },
  },
  sort: {
    title: 'Sorting',
    text: 'Lists can be sorted; without it, sortBy is ignored.',
  },
  search: {
    title: 'POST .search',
    text: 'Offered; without it, 501.',
  },
  root_query: {
    title: 'Query of all types',
    text: 'The base URL can be asked for resources of all types.',
  },
  index_pagination: {
    title: 'Pages by index',
    text: 'Pages by startIndex and count.',
  },
  cursor_pagination: {
    title: 'Pages by cursor',
    text: 'Pages by cursor (RFC 9865).',
  },
  default_pagination: {
    title: 'Pages if none are asked for',
    text: 'Which kind of pages a list has if the request does not say.',
    options: {
      index: 'By index',
      cursor: 'By cursor',
    },
  },
  default_page_size: {
    title: 'Usual page',
    text: 'How many resources a page has if the request does not say.',
    unit: 'resources',
  },
  max_results: {
    title: 'Largest page',
    text: 'How many resources a page has at most.',
    unit: 'resources',
  },
  too_many_results: {
    title: 'Too many',
    text: 'A list that matches more than this is refused with tooMany; 0 for no limit.',
    unit: 'resources',
  },
  bulk: {
    title: 'Bulk',
    text: 'Offered; without it, 501.',
  },
  bulk_max_operations: {
    title: 'Operations in a bulk request',
    text: 'More are refused with 413.',
    unit: 'operations',
  },
  bulk_max_payload_bytes: {
    title: 'Size of a bulk request',
    text: 'A larger one is refused with 413.',
    unit: 'bytes',
  },
  etag: {
    title: 'Versions',
    text: 'Resources have entity tags, and conditions are regarded.',
  },
  require_if_match: {
    title: 'If-Match demanded',
    text: 'PUT, PATCH and DELETE without If-Match are refused with 428.',
  },
  me: {
    title: '/Me',
    text: 'What /Me is.',
    options: {
      not_supported: 'Not offered (501)',
      alias: 'The user’s resource',
      redirect: 'A redirect to it (308)',
    },
  },
  open_service_provider_config: {
    title: 'Open discovery',
    text: 'ServiceProviderConfig can be read without credentials.',
  },
  error_extension: {
    title: 'Numbers in errors',
    text: 'Bodies of errors carry the number of the exchange and its findings.',
  },
}

export const toleranceSwitches: Record<string, string> = {
  string_booleans: '"True" and "False" for booleans',
  create_missing_element: 'add through a value filter that matches nothing creates the element',
  replace_creates_missing_element: 'the same for a lower-case replace',
  remove_by_value: 'remove with the values that shall go',
  dotted_names: 'dotted and URN-prefixed names in a value without path',
  bare_complex: 'a string, or a list of one, for a complex attribute',
  empty_unassigns: 'an empty string unassigns',
  read_only_if_equal: 'readOnly attributes that equal what is there',
  single_for_list: 'one value where a list is expected',
  filter_after_value_path: 'a comparison after a value filter in brackets',
  unquoted_literals: 'literals without quotes in filters',
  unknown_names_in_patch: 'unknown names in a value without path are left out',
}
