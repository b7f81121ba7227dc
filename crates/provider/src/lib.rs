//! One request and a directory make an outcome, without I/O: routing, authentication, discovery, operations.
