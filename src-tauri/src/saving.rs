//! Files that leave the page. A browser saves what a link leads to; the engine of the window does not, for it downloads nothing from a scheme
//! of our own. So the host does it: into the folder for downloads, under a name that nothing has yet.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::Body;
use http_body_util::BodyExt;
use tauri::http::{Request, StatusCode, header};
use tauri::{AppHandle, Manager, State};
use tower::ServiceExt;

/// Where the window's requests are answered.
pub struct Answers(pub Router);

/// How many names are tried for a file.
const TRIES: u32 = 1_000;
/// How long a name may be, in bytes; the longest of a file system is 255.
const LONGEST: usize = 200;
/// What a file is called whose name says nothing.
const NAMELESS: &str = "scimscope-export";

/// Writes what the control API answers at a path into a file; the result is where it is.
#[tauri::command]
pub async fn save_file(app: AppHandle, answers: State<'_, Answers>, from: String) -> Result<String, String> {
    if !from.starts_with("/api/v1/") {
        return Err(format!("{from} is no file of this server"));
    }
    let folder = downloads(&app)?;
    let request = Request::get(&from).body(Body::empty()).map_err(|error| error.to_string())?;
    let answer = match answers.0.clone().oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    if answer.status() != StatusCode::OK {
        return Err(format!("the file cannot be saved: the server answered {}", answer.status()));
    }
    let disposition = answer.headers().get(header::CONTENT_DISPOSITION).and_then(|value| value.to_str().ok());
    let name = disposition.and_then(named).unwrap_or_else(|| NAMELESS.to_owned());
    let mut body = answer.into_body();
    let (mut file, path) = create(&folder, &name).map_err(|error| format!("{}: {error}", folder.display()))?;
    let written = async {
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame.map_err(|error| error.to_string())?.into_data() {
                file.write_all(&data).map_err(|error| error.to_string())?;
            }
        }
        file.sync_all().map_err(|error| error.to_string())
    };
    if let Err(why) = written.await {
        let _ = std::fs::remove_file(&path);
        return Err(format!("{} could not be written: {why}", path.display()));
    }
    Ok(path.display().to_string())
}

fn downloads(app: &AppHandle) -> Result<PathBuf, String> {
    let folder = app.path().download_dir().or_else(|_| app.path().home_dir().map(|home| home.join("Downloads")));
    let folder = folder.map_err(|_| "there is no folder for downloads".to_owned())?;
    std::fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    Ok(folder)
}

/// The name in a `Content-Disposition`, as far as it is one: no folders, nothing hidden, no control characters.
fn named(disposition: &str) -> Option<String> {
    let (_, name) = disposition.split_once("filename=\"")?;
    let name = name.split('"').next()?.rsplit(['/', '\\']).next()?;
    let name: String = name.chars().filter(|letter| !letter.is_control()).collect();
    let name = name.trim_matches(['.', ' ']);
    let end = (0..=LONGEST.min(name.len())).rev().find(|end| name.is_char_boundary(*end))?;
    (!name.is_empty()).then(|| name[..end].to_owned())
}

/// A new file; if there is one of that name, "run (2).har" and so on.
fn create(folder: &Path, name: &str) -> std::io::Result<(std::fs::File, PathBuf)> {
    let (stem, ending) = name.find('.').map_or((name, ""), |dot| name.split_at(dot));
    for number in 1..=TRIES {
        let tried = if number == 1 { name.to_owned() } else { format!("{stem} ({number}){ending}") };
        let path = folder.join(tried);
        match std::fs::File::create_new(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::{create, named};

    #[test]
    fn a_name_that_is_none_leads_nowhere_else() {
        assert_eq!(named("attachment; filename=\"run.har\"").as_deref(), Some("run.har"));
        assert_eq!(named("attachment; filename=\"../../.ssh/config\"").as_deref(), Some("config"));
        assert_eq!(named("attachment; filename=\"..\""), None);
        assert_eq!(named("attachment"), None);
        let long = format!("attachment; filename=\"{}\"", "é".repeat(300));
        assert_eq!(named(&long).map(|name| name.len()), Some(200));
    }

    #[test]
    fn nothing_that_is_there_is_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        for expected in ["run.tar.gz", "run (2).tar.gz", "run (3).tar.gz"] {
            let (_, path) = create(folder.path(), "run.tar.gz").expect("a file");
            assert_eq!(path, folder.path().join(expected));
        }
    }
}
