//! How far long work is: a bar on a terminal, a line now and then otherwise.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// Parts of the whole after which a line is written where there is no terminal.
const LINES: u64 = 4;

/// Shows how far work is, on standard error.
pub struct Progress {
    what: String,
    bar: Option<ProgressBar>,
    said: u64,
}

impl Progress {
    /// For work that is called so.
    pub fn new(what: &str) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos} of {human_len}, {eta}");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(what.to_owned())
        });
        Progress { what: what.to_owned(), bar, said: 0 }
    }

    /// So much of so much is done; a total of 0 means that nobody knows yet.
    pub fn tell(&mut self, done: u64, total: u64) {
        if total == 0 {
            return;
        }
        if let Some(bar) = &self.bar {
            bar.set_length(total);
            bar.set_position(done);
            return;
        }
        let part = done.saturating_mul(LINES) / total;
        if part > self.said && done < total {
            self.said = part;
            tracing::info!("{}: {done} of {total}", self.what);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
