//! The description of the control API as a file, from which the page's types are generated.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

/// Writes the file.
pub fn write(root: &Path) -> anyhow::Result<ExitCode> {
    let path = path(root);
    fs::write(&path, text()).with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote ui/openapi.json; `npm run generate` in ui makes the page's types from it");
    Ok(ExitCode::SUCCESS)
}

/// Tells whether the file is what the code says.
pub fn check(root: &Path) -> anyhow::Result<ExitCode> {
    let path = path(root);
    let have = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    if have == text() {
        println!("ui/openapi.json agrees with the code");
        return Ok(ExitCode::SUCCESS);
    }
    println!("ui/openapi.json is not what the code says; run `cargo xtask api`");
    Ok(ExitCode::FAILURE)
}

fn path(root: &Path) -> PathBuf {
    root.join("ui/openapi.json")
}

fn text() -> String {
    let mut text = control::openapi_json();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
