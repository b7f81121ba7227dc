//! Commands: curl for a POSIX shell, `Invoke-WebRequest` for PowerShell, and curl read again.

mod read;

use std::io::{self, Write};

use crate::recorded::Recorded;
use crate::template;
use crate::writer::{About, Writer};

pub use read::read;

/// Which shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// A POSIX shell with curl.
    Posix,
    /// PowerShell 7.
    PowerShell,
}

/// Writes a command for each exchange.
pub struct CommandWriter<'a> {
    out: Box<dyn Write + 'a>,
    shell: Shell,
}

impl<'a> CommandWriter<'a> {
    /// Writes the beginning.
    ///
    /// # Errors
    /// If the bytes cannot be written.
    pub fn begin(mut out: Box<dyn Write + 'a>, about: &'a About, shell: Shell) -> io::Result<CommandWriter<'a>> {
        if shell == Shell::Posix {
            writeln!(out, "#!/bin/sh")?;
        }
        if let Some(warning) = about.warning() {
            writeln!(out, "# {warning}")?;
        }
        for variable in &about.redaction.variables {
            let name = environment(&variable.text);
            match shell {
                Shell::Posix => {
                    writeln!(out, "# {name}: {}", variable.stands_for)?;
                    writeln!(out, ": \"${{{name}:?set it to the {}}}\"", variable.stands_for)?;
                }
                Shell::PowerShell => {
                    writeln!(out, "# $env:{name}: {}", variable.stands_for)?;
                    writeln!(out, "if (-not $env:{name}) {{ throw 'Set {name} to the {}' }}", variable.stands_for)?;
                }
            }
        }
        Ok(CommandWriter { out, shell })
    }
}

impl Writer for CommandWriter<'_> {
    fn write(&mut self, recorded: &Recorded) -> io::Result<()> {
        if !recorded.is_http() {
            return writeln!(self.out, "\n# exchange {} was no HTTP request", recorded.seq);
        }
        let status = recorded.response.as_ref().map_or("no answer".to_owned(), |response| response.status.to_string());
        writeln!(self.out, "\n# {}: {} ({status})", recorded.seq, template::title(recorded))?;
        let command = match self.shell {
            Shell::Posix => posix(recorded),
            Shell::PowerShell => power_shell(recorded),
        };
        writeln!(self.out, "{command}")
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The command for one exchange, on several lines.
pub fn posix(recorded: &Recorded) -> String {
    let mut parts = vec![format!("curl --fail-with-body -X {}", posix_quoted(&recorded.request.method))];
    if recorded.request.method == "HEAD" {
        parts = vec!["curl --fail-with-body --head".to_owned()];
    }
    parts.push(posix_quoted(&recorded.url()));
    let mut has_type = false;
    for (name, value) in template::sent(recorded) {
        has_type |= name.eq_ignore_ascii_case("content-type");
        // An empty field is written with a semicolon; with a colon curl would leave it out.
        let field = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        parts.push(format!("-H {}", posix_quoted(&field)));
    }
    if !recorded.request.body.is_empty() {
        if !has_type {
            // curl would make it a form.
            parts.push("-H 'Content-Type:'".to_owned());
        }
        match template::text_body(recorded).filter(|body| !body.contains('\0')) {
            Some(body) => parts.push(format!("--data-raw {}", posix_quoted(body))),
            None => {
                let octal: String = recorded.request.body.iter().map(|byte| format!("\\{byte:03o}")).collect();
                return format!("printf '{octal}' | {} \\\n  --data-binary @-", parts.join(" \\\n  "));
            }
        }
    }
    parts.join(" \\\n  ")
}

/// In single quotes; variables of a redaction stand outside of them, in double quotes.
fn posix_quoted(text: &str) -> String {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte)) {
        return text.to_owned();
    }
    let quote = |part: &str| if part.is_empty() { String::new() } else { format!("'{}'", part.replace('\'', "'\\''")) };
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, variable, after)) = variable(rest) {
        out.push_str(&quote(before));
        out.push_str(&format!("\"${{{}}}\"", environment(variable)));
        rest = after;
    }
    out.push_str(&quote(rest));
    if out.is_empty() { "''".to_owned() } else { out }
}

/// The same for PowerShell.
fn power_shell(recorded: &Recorded) -> String {
    let mut command = format!(
        "Invoke-WebRequest -SkipHttpErrorCheck -SkipHeaderValidation -CustomMethod {} -Uri {}",
        power_quoted(&recorded.request.method),
        power_quoted(&recorded.url())
    );
    let mut fields: Vec<(String, String)> = Vec::new();
    for (name, value) in template::sent(recorded) {
        match fields.iter_mut().find(|(have, _)| have.eq_ignore_ascii_case(name)) {
            Some((_, values)) => *values = format!("{values}, {value}"),
            None => fields.push((name.clone(), value.clone())),
        }
    }
    let content_type = fields.iter().position(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let content_type = content_type.map(|at| fields.remove(at).1);
    if !fields.is_empty() {
        let pairs = fields.iter().map(|(name, value)| format!("{} = {}", power_quoted(name), power_quoted(value)));
        command.push_str(&format!(" `\n  -Headers @{{ {} }}", pairs.collect::<Vec<_>>().join("; ")));
    }
    if let Some(content_type) = content_type {
        command.push_str(&format!(" `\n  -ContentType {}", power_quoted(&content_type)));
    }
    if !recorded.request.body.is_empty() {
        match template::text_body(recorded) {
            Some(body) => command.push_str(&format!(" `\n  -Body {}", power_quoted(body))),
            None => {
                let bytes = recorded.request.body.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
                command.push_str(&format!(" `\n  -Body ([byte[]]({bytes}))"));
            }
        }
    }
    command
}

fn power_quoted(text: &str) -> String {
    // PowerShell takes typographic quotes for quotes, too.
    let quote = |part: &str| {
        let doubled: String = part
            .chars()
            .flat_map(|letter| {
                let twice = matches!(letter, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}');
                std::iter::repeat_n(letter, if twice { 2 } else { 1 })
            })
            .collect();
        format!("'{doubled}'")
    };
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, variable, after)) = variable(rest) {
        parts.push(quote(before));
        parts.push(format!("$env:{}", environment(variable)));
        rest = after;
    }
    if parts.is_empty() {
        return quote(rest);
    }
    parts.push(quote(rest));
    format!("({})", parts.join(" + "))
}

/// The first variable of a redaction in a text, with what is before and behind it.
fn variable(text: &str) -> Option<(&str, &str, &str)> {
    let start = text.find("{{scim")?;
    let end = start + text[start..].find("}}")?;
    let name = &text[start + 2..end];
    name.bytes().all(|byte| byte.is_ascii_alphanumeric()).then(|| (&text[..start], name, &text[end + 2..]))
}

/// `scimToken2` as a variable of the environment: `SCIM_TOKEN2`.
fn environment(name: &str) -> String {
    let name = name.trim_start_matches('{').trim_end_matches('}');
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_uppercase());
    }
    out
}
