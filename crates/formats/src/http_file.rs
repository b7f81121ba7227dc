//! `.http` files for the HTTP clients of editors: only what all of them understand.

use std::collections::HashMap;
use std::io::{self, Write};

use scim::json::{Limits, parse};

use crate::bindings::Binder;
use crate::hurl::json_path;
use crate::recorded::Recorded;
use crate::template::{self, Base};
use crate::writer::{About, Writer};

/// Writes a file of requests that refer to the answers of earlier ones.
pub struct HttpFileWriter<'a> {
    out: Box<dyn Write + 'a>,
    about: &'a About,
    binder: Binder,
    /// The names of identifiers, and how a later request writes them.
    references: HashMap<String, String>,
    base: Option<Base>,
}

impl<'a> HttpFileWriter<'a> {
    /// Writes nothing yet: the first exchange tells the base URL.
    pub fn begin(out: Box<dyn Write + 'a>, about: &'a About) -> HttpFileWriter<'a> {
        HttpFileWriter { out, about, binder: Binder::default(), references: HashMap::new(), base: None }
    }
}

impl Writer for HttpFileWriter<'_> {
    fn write(&mut self, recorded: &Recorded) -> io::Result<()> {
        if self.base.is_none() {
            let base = Base::of(recorded, self.about);
            if let Some(warning) = self.about.warning() {
                writeln!(self.out, "# {warning}")?;
            }
            writeln!(self.out, "@baseUrl = {}", base.text())?;
            for variable in &self.about.redaction.variables {
                let name = variable.text.trim_matches(['{', '}']);
                writeln!(self.out, "# the {}", variable.stands_for)?;
                writeln!(self.out, "@{name} = put-it-here")?;
            }
            self.base = Some(base);
        }
        let base = self.base.clone().unwrap_or_default();
        writeln!(self.out, "\n### {}: {}", recorded.seq, template::title(recorded))?;
        let body = body(recorded);
        let Some(body) = body.filter(|_| recorded.is_http()) else {
            return writeln!(self.out, "# left out: a file like this cannot hold its bytes");
        };
        let reference = |name: &str| self.references.get(name).cloned().unwrap_or_else(|| name.to_owned());
        writeln!(self.out, "# @name step{}", recorded.seq)?;
        let url = base.url(recorded, "{{baseUrl}}", &self.binder, &reference);
        writeln!(self.out, "{} {url} HTTP/1.1", recorded.request.method)?;
        for (name, value) in template::sent(recorded) {
            writeln!(
                self.out,
                "{}: {}",
                template::one_line(name),
                template::one_line(&self.binder.replace(value, &reference))
            )?;
        }
        if !body.is_empty() {
            writeln!(self.out, "\n{}", self.binder.replace(&body, &reference))?;
        }
        for given in self.binder.learn(recorded) {
            let path = json_path(&given.pointer);
            let written = format!("{{{{step{}.response.body.{path}}}}}", recorded.seq);
            self.references.insert(given.name, written);
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The body on one line, so that no line of it is taken for the end of the request; none if that cannot be.
fn body(recorded: &Recorded) -> Option<String> {
    if recorded.request.body.is_empty() {
        return Some(String::new());
    }
    let text = template::text_body(recorded)?;
    let text = match parse(text.as_bytes(), Limits::default()) {
        Ok(json) => json.to_text(),
        Err(_) => text.to_owned(),
    };
    let is_plain = !text.contains(['\n', '\r']) && !text.starts_with(['#', '<', '@']) && !text.starts_with("//");
    is_plain.then_some(text)
}
