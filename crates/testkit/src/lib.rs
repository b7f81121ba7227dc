//! For tests only: fixed clock and ids, fixture loader, generators, oracles.
