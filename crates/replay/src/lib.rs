//! An outside client: plays flow files against any SCIM endpoint and judges the answers.
