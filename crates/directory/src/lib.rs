//! Versioned in-memory resources of one tenant: indexes, query planner, commits, history.
