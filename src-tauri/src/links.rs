//! Who opens links that begin with `scimscope:`. On Linux that is an entry of the desktop's database (Desktop Entry and MIME
//! Applications specifications), which a package brings along; without one, the person can have it written.

#[cfg(target_os = "linux")]
pub use linux::{open_with_us, opened_by_us};

/// Whether links are opened with this program: a bundle says so itself.
#[cfg(not(target_os = "linux"))]
pub fn opened_by_us() -> bool {
    true
}

/// Nothing to do: a bundle says so itself.
#[cfg(not(target_os = "linux"))]
pub fn open_with_us() -> anyhow::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};

    use anyhow::{Context, bail};

    use crate::link::SCHEME;

    /// The name of our entry.
    const ENTRY: &str = "dev.scimscope.desktop-handler.desktop";

    /// Whether an entry for links of ours is there, of a package or written by [`open_with_us`].
    pub fn opened_by_us() -> bool {
        let system = std::env::var_os("XDG_DATA_DIRS").unwrap_or_else(|| "/usr/local/share:/usr/share".into());
        let folders = user_folder().into_iter().chain(std::env::split_paths(&system));
        folders.map(|folder| folder.join("applications")).any(|folder| {
            [ENTRY, "Scimscope.desktop"]
                .iter()
                .any(|name| std::fs::read_to_string(folder.join(name)).is_ok_and(|entry| entry.contains(&media_type())))
        })
    }

    /// Writes an entry for this program and makes it the one that opens links of ours.
    pub fn open_with_us() -> anyhow::Result<()> {
        let folder = user_folder().context("there is no home folder")?.join("applications");
        std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        let program = std::env::current_exe().context("the program does not know where it is")?;
        let path = folder.join(ENTRY);
        std::fs::write(&path, entry(&program)?).with_context(|| format!("{} cannot be written", path.display()))?;
        // Some desktops keep a cache, and ask when several programs could open a link. Without these tools they still find the entry.
        for (tool, arguments) in [
            ("update-desktop-database", vec![folder.as_os_str().to_owned()]),
            ("xdg-mime", vec!["default".into(), ENTRY.into(), media_type().into()]),
        ] {
            let done = Command::new(tool).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
            if !done.is_ok_and(|status| status.success()) {
                tracing::info!("{tool} is not here or failed; links work once the desktop has read its entries again");
            }
        }
        Ok(())
    }

    fn user_folder() -> Option<PathBuf> {
        let chosen = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        chosen.or_else(|| Some(std::env::home_dir()?.join(".local/share")))
    }

    fn media_type() -> String {
        format!("x-scheme-handler/{SCHEME}")
    }

    /// An entry that starts this program with a link.
    fn entry(program: &Path) -> anyhow::Result<String> {
        let Some(program) = program.to_str().filter(|path| !path.contains(['\n', '\r'])) else {
            bail!("the path of the program, {}, cannot be written into an entry", program.display());
        };
        // Quoting of the Exec key: Desktop Entry Specification, "The Exec key"; the backslash is escaped once more as in any
        // string, and a percent sign is doubled.
        let mut quoted = String::new();
        for c in program.chars() {
            match c {
                '"' | '`' | '$' => quoted.extend(["\\\\", c.encode_utf8(&mut [0; 4])]),
                '\\' => quoted.push_str(r"\\\\"),
                '%' => quoted.push_str("%%"),
                _ => quoted.push(c),
            }
        }
        Ok(format!(
            "[Desktop Entry]\nType=Application\nName=Scimscope\nExec=\"{quoted}\" %u\nMimeType={};\nNoDisplay=true\n\
             StartupNotify=true\n",
            media_type()
        ))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_entry_starts_the_program_whatever_its_path_is() {
            let line = |path: &str| {
                let entry = entry(Path::new(path)).unwrap();
                entry.lines().find(|line| line.starts_with("Exec=")).unwrap().to_owned()
            };
            assert_eq!(line("/opt/scim scope/app"), r#"Exec="/opt/scim scope/app" %u"#);
            assert_eq!(line(r#"/o"p$t/100%"#), r#"Exec="/o\\"p\\$t/100%%" %u"#);
            assert_eq!(line(r"/o\pt"), r#"Exec="/o\\\\pt" %u"#);
            assert!(entry(Path::new("/opt/a\nExec=evil")).is_err());
        }
    }
}
