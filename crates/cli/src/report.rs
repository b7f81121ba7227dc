//! Reports for test runners and programs, and what goes to standard output.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::failure::Failure;

/// Where reports are to be written.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Reports {
    /// Write a report: junit or json, and the file to write. Can be given several times.
    #[arg(long, num_args = 2, value_names = ["FORM", "FILE"])]
    report: Vec<String>,
}

/// One case of a report.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it belongs to.
    pub class: String,
    /// What it is called.
    pub name: String,
    /// How long it took.
    pub seconds: f64,
    /// How it went.
    pub ending: Ending,
}

/// How a case went; with what is to be said, the first line as the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As it should.
    Passed,
    /// Otherwise.
    Failed(Vec<String>),
    /// It could not be found out.
    Error(Vec<String>),
    /// It was not tried.
    Skipped(Vec<String>),
}

/// Writes to standard output. False if nobody reads it any more; that is no reason to fail.
pub fn say(text: &str) -> bool {
    std::io::stdout().write_all(text.as_bytes()).and_then(|()| std::io::stdout().flush()).is_ok()
}

impl Reports {
    /// Looks whether they can be meant, before anything is done.
    pub fn check(&self) -> Result<(), Failure> {
        match self.pairs().find(|(form, _)| !["junit", "json"].contains(form)) {
            Some((form, _)) => Err(Failure::Usage(format!("--report {form}: the form has to be junit or json"))),
            None => Ok(()),
        }
    }

    /// Writes them.
    pub fn write(&self, junit: impl Fn() -> String, json: impl Fn() -> String) -> Result<(), Failure> {
        for (form, file) in self.pairs() {
            let text = if form == "junit" { junit() } else { json() };
            std::fs::write(file, text)
                .map_err(|error| Failure::Usage(format!("the report {file} cannot be written: {error}")))?;
        }
        Ok(())
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.report.chunks(2).filter_map(|pair| Some((pair.first()?.as_str(), pair.get(1)?.as_str())))
    }
}

/// JUnit's XML.
pub fn junit(suite: &str, cases: &[Case]) -> String {
    let count = |pick: fn(&Ending) -> bool| cases.iter().filter(|case| pick(&case.ending)).count();
    let time: f64 = cases.iter().map(|case| case.seconds).sum();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" \
         skipped=\"{}\" time=\"{time:.3}\">\n",
        escaped(suite),
        cases.len(),
        count(|ending| matches!(ending, Ending::Failed(_))),
        count(|ending| matches!(ending, Ending::Error(_))),
        count(|ending| matches!(ending, Ending::Skipped(_))),
    );
    for case in cases {
        let (class, name) = (escaped(&case.class), escaped(&case.name));
        let _ = write!(text, "    <testcase classname=\"{class}\" name=\"{name}\" time=\"{:.3}\"", case.seconds);
        let first = |lines: &[String]| escaped(lines.first().map_or("", String::as_str));
        let all = |lines: &[String]| escaped(&lines.join("\n"));
        let _ = match &case.ending {
            Ending::Passed => writeln!(text, "/>"),
            Ending::Failed(why) => {
                writeln!(text, "><failure message=\"{}\">{}</failure></testcase>", first(why), all(why))
            }
            Ending::Error(why) => writeln!(text, "><error message=\"{}\">{}</error></testcase>", first(why), all(why)),
            Ending::Skipped(why) => writeln!(text, "><skipped message=\"{}\"/></testcase>", first(why)),
        };
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

/// Text for an XML document: what XML 1.0 cannot have becomes a question mark.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push(' '),
            control if control < ' ' || matches!(control, '\u{fffe}' | '\u{ffff}') => out.push('?'),
            other => out.push(other),
        }
    }
    out
}
