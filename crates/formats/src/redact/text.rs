//! Replacing in one text what was learnt.

use super::Redactor;
use super::patterns;

/// Says where a text stands, for the report; asked only if something is replaced.
pub(super) type Place<'a> = &'a dyn Fn() -> String;

impl Redactor {
    /// The text without what has to go; none if it stays as it is.
    pub(super) fn text(&mut self, text: &str, place: Place<'_>) -> Option<String> {
        let mut changed = self.by_rules(text, place);
        if self.settings.secrets || !self.settings.rules.is_empty() {
            let now = changed.as_deref().unwrap_or(text);
            if let Some((next, put)) = self.literals.replace(now) {
                put.iter().for_each(|with| self.report.count(with, place));
                changed = Some(next);
            }
        }
        if self.settings.secrets {
            let now = changed.as_deref().unwrap_or(text);
            if let Some(next) = self.by_looks(now, place) {
                changed = Some(next);
            }
        }
        if self.settings.people {
            let now = changed.as_deref().unwrap_or(text);
            if let Some(next) = self.of_people(now, place) {
                changed = Some(next);
            }
        }
        changed
    }

    /// A text that stands where a person is named: it may be shorter than what is looked for anywhere.
    fn of_people(&mut self, text: &str, place: Place<'_>) -> Option<String> {
        if let Some(alias) = self.people.alias_of(text) {
            let alias = alias.to_owned();
            if alias == text {
                return None;
            }
            self.report.count(&alias, place);
            return Some(alias);
        }
        let mut put_between = Vec::new();
        let parts = self.people.with_fragments(text, &mut |rest| {
            let (next, put) = self.aliases.replace(rest)?;
            put_between.extend(put.into_iter().map(str::to_owned));
            Some(next)
        });
        if parts.is_some() {
            put_between.iter().for_each(|with| self.report.count(with, place));
            return parts;
        }
        let (next, put) = self.aliases.replace(text)?;
        put.iter().for_each(|with| self.report.count(with, place));
        Some(next)
    }

    fn by_rules(&mut self, text: &str, place: Place<'_>) -> Option<String> {
        let settings = std::sync::Arc::clone(&self.settings);
        let mut changed: Option<String> = None;
        for pattern in settings.rules.iter().filter_map(super::Rule::pattern) {
            let now = changed.as_deref().unwrap_or(text).to_owned();
            let (mut out, mut at) = (String::new(), 0);
            for hit in pattern.captures_iter(&now) {
                let Some(secret) = hit.get(1).or_else(|| hit.get(0)).filter(|secret| !secret.is_empty()) else {
                    continue;
                };
                let Some(with) = self.vault.placeholder(secret.as_str()) else { continue };
                let with = with.to_owned();
                out.push_str(&now[at..secret.start()]);
                out.push_str(&with);
                at = secret.end();
                self.report.count(&with, place);
            }
            if at > 0 {
                out.push_str(&now[at..]);
                changed = Some(out);
            }
        }
        changed
    }

    fn by_looks(&mut self, text: &str, place: Place<'_>) -> Option<String> {
        let (mut out, mut at) = (String::new(), 0);
        let mut put = Vec::new();
        patterns::find(text, |range, _| {
            let secret = &text[range.clone()];
            // Everything that looks like a secret was learnt; what is not there is a placeholder.
            let Some(with) = self.vault.placeholder(secret).filter(|_| range.start >= at) else { return };
            out.push_str(&text[at..range.start]);
            out.push_str(with);
            put.push(with.to_owned());
            at = range.end;
        });
        if put.is_empty() {
            return None;
        }
        out.push_str(&text[at..]);
        put.iter().for_each(|with| self.report.count(with, place));
        Some(out)
    }

    /// A whole value that is a secret by where it stands.
    pub(super) fn secret(&mut self, secret: &str, place: Place<'_>) -> Option<String> {
        let with = self.vault.placeholder(secret)?.to_owned();
        self.report.count(&with, place);
        Some(with)
    }
}
