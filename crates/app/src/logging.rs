//! Log lines of the program itself, on standard error. Bodies, tokens and header values never appear in them.

use tracing_subscriber::EnvFilter;

/// Starts logging, at `info` unless the variable `SCIMSCOPE_LOG` says otherwise (`debug`, `listener=trace`, ...).
pub fn start() {
    let filter = EnvFilter::try_from_env("SCIMSCOPE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // A second call finds logging started already, which is what it wanted.
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).try_init();
}
