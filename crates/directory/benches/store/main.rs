//! Figures of the store, for `cargo xtask measure store`: `store size 1000000`, `store group 100000`. Prints JSON.
#![allow(clippy::print_stdout, reason = "a program for the command line")]
#![allow(clippy::disallowed_methods, reason = "it measures durations; nothing here is part of the room")]

mod figures;
mod sample;
mod times;

use anyhow::bail;

/// As in the programs that are measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let figures = match words.as_slice() {
        ["size", users] => serde_json::to_string(&figures::size(users.parse()?)?)?,
        ["group", members] => serde_json::to_string(&figures::group(members.parse()?)?)?,
        // As a test it only has to build.
        [] | ["--test", ..] => return Ok(()),
        other => bail!("{other:?} is neither \"size USERS\" nor \"group MEMBERS\""),
    };
    println!("{figures}");
    Ok(())
}
