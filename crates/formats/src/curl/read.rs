//! Reading curl commands: as a person pastes them, never run.

use bytes::Bytes;
use jiff::Timestamp;

use crate::read::{Limits, ReadError, Take};
use crate::recorded::{Field, Recorded, Request, Timing};

fn damaged(why: impl Into<String>) -> ReadError {
    ReadError::Damaged { format: "curl", why: why.into() }
}

/// Reads the curl commands of a text; other lines are passed over. There are no answers in them.
///
/// # Errors
/// If there is none, or one cannot be read.
pub fn read(text: &str, began: Timestamp, limits: &Limits, take: Take<'_>) -> Result<u64, ReadError> {
    let mut count = 0;
    for command in commands(text)? {
        let Some(at) = command.iter().position(|word| word == "curl" || word.ends_with("/curl") || word == "curl.exe")
        else {
            continue;
        };
        count += 1;
        let recorded =
            recorded(&command[at + 1..], count, began).map_err(|why| damaged(format!("command {count}: {why}")))?;
        limits.check(&recorded)?;
        take(recorded).map_err(ReadError::Stopped)?;
    }
    if count == 0 { Err(damaged("there is no curl command")) } else { Ok(count) }
}

/// The words of each command, as a POSIX shell takes them apart. Nothing is expanded.
fn commands(text: &str) -> Result<Vec<Vec<String>>, ReadError> {
    let (mut all, mut words) = (Vec::new(), Vec::new());
    let mut word: Option<String> = None;
    let mut letters = text.chars().peekable();
    let mut line = 1;
    while let Some(letter) = letters.next() {
        if letter == '\n' {
            line += 1;
        }
        match letter {
            '\'' => {
                let dollar = word.as_ref().is_some_and(|word| word == "$");
                let word = word.get_or_insert_default();
                if dollar {
                    // $'...' has escapes.
                    word.clear();
                }
                loop {
                    match letters.next() {
                        Some('\'') => break,
                        Some('\\') if dollar => escaped(&mut letters, word),
                        Some(other) => word.push(other),
                        None => return Err(damaged(format!("a quote in line {line} is not closed"))),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next() {
                        Some('"') => break,
                        Some('\\') => match letters.next() {
                            Some(special @ ('"' | '\\' | '$' | '`')) => word.push(special),
                            Some('\n') => {}
                            Some(other) => word.extend(['\\', other]),
                            None => return Err(damaged(format!("a quote in line {line} is not closed"))),
                        },
                        Some(other) => word.push(other),
                        None => return Err(damaged(format!("a quote in line {line} is not closed"))),
                    }
                }
            }
            '\\' => match letters.next() {
                Some('\n') => line += 1,
                Some('\r') if letters.peek() == Some(&'\n') => drop(letters.next()),
                Some(other) => word.get_or_insert_default().push(other),
                None => {}
            },
            '#' if word.is_none() => {
                while letters.peek().is_some_and(|letter| *letter != '\n') {
                    letters.next();
                }
            }
            '\n' | ';' | '|' | '&' => {
                words.extend(word.take());
                if !words.is_empty() {
                    all.push(std::mem::take(&mut words));
                }
            }
            blank if blank.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    if !words.is_empty() {
        all.push(words);
    }
    Ok(all)
}

fn escaped(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, word: &mut String) {
    match letters.next() {
        Some('n') => word.push('\n'),
        Some('r') => word.push('\r'),
        Some('t') => word.push('\t'),
        Some('u') => {
            let digits: String = std::iter::from_fn(|| letters.next_if(char::is_ascii_hexdigit)).take(4).collect();
            word.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
        }
        Some(other) => word.push(other),
        None => {}
    }
}

/// Options with a value that say nothing about the request.
const SKIPPED: [&str; 22] = [
    "-o",
    "--output",
    "-m",
    "--max-time",
    "--connect-timeout",
    "--retry",
    "-w",
    "--write-out",
    "--cacert",
    "--cert",
    "--key",
    "-E",
    "-x",
    "--proxy",
    "--resolve",
    "--interface",
    "-D",
    "--dump-header",
    "-c",
    "--cookie-jar",
    "--limit-rate",
    "--ciphers",
];

fn recorded(words: &[String], seq: u64, at: Timestamp) -> Result<Recorded, String> {
    let (mut method, mut url, mut get, mut head) = (None, None, false, false);
    let mut headers: Vec<Field> = Vec::new();
    let mut data: Vec<String> = Vec::new();
    let mut query: Vec<String> = Vec::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let (option, attached) = split(word);
        let mut value = || match &attached {
            Some(attached) => Ok(attached.clone()),
            None => words.next().cloned().ok_or_else(|| format!("{option} has no value")),
        };
        match option.as_str() {
            "-X" | "--request" => method = Some(value()?),
            "--url" => url = Some(value()?),
            "-H" | "--header" => {
                let field = value()?;
                if let Some((name, value)) = field.split_once(':') {
                    headers.push((name.trim().to_owned(), value.trim().to_owned()));
                } else if let Some(name) = field.strip_suffix(';') {
                    headers.push((name.to_owned(), String::new()));
                }
            }
            "-d" | "--data" | "--data-ascii" | "--data-binary" | "--data-raw" | "--json" => {
                let text = value()?;
                if option != "--data-raw" && text.starts_with('@') {
                    return Err(format!(
                        "the body is in the file {text}, which is not read; paste it behind --data-raw"
                    ));
                }
                if option == "--json" {
                    let has = |name: &str| headers.iter().any(|(have, _)| have.eq_ignore_ascii_case(name));
                    let missing = ["Content-Type", "Accept"].into_iter().filter(|name| !has(name)).collect::<Vec<_>>();
                    headers.extend(missing.into_iter().map(|name| (name.to_owned(), "application/json".to_owned())));
                }
                data.push(text);
            }
            "--data-urlencode" | "--url-query" => {
                let pair = value()?;
                let encode = |text: &str| {
                    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
                };
                let encoded = match pair.split_once('=') {
                    Some(("", value)) => encode(value),
                    Some((name, value)) => format!("{name}={}", encode(value)),
                    None => encode(&pair),
                };
                if option == "--url-query" { query.push(encoded) } else { data.push(encoded) }
            }
            "-u" | "--user" => {
                use base64::Engine;
                let encoded = base64::engine::general_purpose::STANDARD.encode(value()?);
                headers.push(("Authorization".to_owned(), format!("Basic {encoded}")));
            }
            "--oauth2-bearer" => headers.push(("Authorization".to_owned(), format!("Bearer {}", value()?))),
            "-A" | "--user-agent" => headers.push(("User-Agent".to_owned(), value()?)),
            "-b" | "--cookie" => headers.push(("Cookie".to_owned(), value()?)),
            "-e" | "--referer" => headers.push(("Referer".to_owned(), value()?)),
            "-G" | "--get" => get = true,
            "-I" | "--head" => head = true,
            "-F" | "--form" => return Err("forms with files (-F) are not read".to_owned()),
            skipped if SKIPPED.contains(&skipped) => drop(value()?),
            other if other.starts_with('-') && other.len() > 1 => {}
            _ => {
                url.get_or_insert_with(|| word.clone());
            }
        }
    }
    let url: String = url.ok_or("it has no URL")?;
    let url = if url.contains("://") { url } else { format!("http://{url}") };
    let (origin, mut target) = crate::har::split(&url).ok_or_else(|| format!("{url:?} is no URL"))?;
    let has_data = !data.is_empty();
    let body = data.join("&");
    if get && has_data {
        query.push(body.clone());
    }
    for part in query {
        target = format!("{target}{}{part}", if target.contains('?') { "&" } else { "?" });
    }
    let body = if get { String::new() } else { body };
    // A field without a value takes one out that curl would add.
    let takes_out_type =
        headers.iter().any(|(name, value)| name.eq_ignore_ascii_case("content-type") && value.is_empty());
    let has_type = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if has_data && !get && !has_type {
        headers.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
    }
    if takes_out_type {
        headers.retain(|(name, value)| !(name.eq_ignore_ascii_case("content-type") && value.is_empty()));
    }
    let usual = if head {
        "HEAD"
    } else if has_data && !get {
        "POST"
    } else {
        "GET"
    };
    Ok(Recorded {
        seq,
        at,
        origin,
        client: None,
        server: None,
        request: Request {
            method: method.unwrap_or_else(|| usual.to_owned()),
            target,
            version: "HTTP/1.1".to_owned(),
            headers,
            body: Bytes::from(body),
        },
        response: None,
        timing: Timing::default(),
        problem: Some("a command has no answer".to_owned()),
        scim: None,
    })
}

/// `--name=value` and `-Xvalue` in two.
fn split(word: &str) -> (String, Option<String>) {
    if word.starts_with("--") {
        return match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word.to_owned(), None),
        };
    }
    let with_value = ["-X", "-H", "-d", "-u", "-A", "-b", "-e", "-o"];
    match with_value.iter().find(|option| word.starts_with(**option) && word.len() > 2) {
        Some(option) => ((*option).to_owned(), Some(word[2..].to_owned())),
        None => (word.to_owned(), None),
    }
}
