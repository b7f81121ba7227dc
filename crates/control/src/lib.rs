//! The control API: one router for browser and window, its OpenAPI document, its event stream, jobs, and the embedded page.
