//! Composition root: a Config becomes a running App.
