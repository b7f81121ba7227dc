//! Programs that open a tunnel, as far as they are installed. They are only looked for, never started.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The programs that are looked for, by the name of their file.
pub const TUNNELS: [&str; 5] = ["devtunnel", "cloudflared", "ngrok", "tailscale", "zrok"];

/// Where these programs are in a search path like `PATH`; those that are nowhere are left out. Only names of files are looked at.
pub fn installed(names: &[&'static str], search_path: &OsStr) -> Vec<(&'static str, PathBuf)> {
    let folders: Vec<PathBuf> = std::env::split_paths(search_path).filter(|folder| folder.is_absolute()).collect();
    let place = |name: &'static str| {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        folders.iter().map(|folder| folder.join(&file)).find(|file| is_program(file)).map(|file| (name, file))
    };
    names.iter().copied().filter_map(place).collect()
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|found| found.is_file())
}
