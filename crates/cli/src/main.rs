//! The headless binary `scimscope`.
fn main() {}
