//! The texts of resources as they were last shown, so that one that has not changed is not written anew.

use std::sync::{Arc, Mutex, PoisonError};

use scim::document::Document;

use crate::profile::Profile;

/// How many texts are kept at most.
const PLACES: usize = 4096;
/// A longer text is not kept, in bytes: so all take 16 MB at most, and the resources that they are of as much again.
const LONGEST: usize = 4096;

/// Texts of resources, each with what it was made from. Bounded: a text takes the place of another one.
///
/// A text is found only for the very document, profile and base URL that it was made from, so none is ever out of date.
#[derive(Debug)]
pub(crate) struct Printed {
    places: Box<[Mutex<Option<Text>>]>,
}

#[derive(Debug)]
struct Text {
    /// Kept so that no other document can be where this one was.
    document: Arc<Document>,
    profile: Arc<Profile>,
    base: Box<str>,
    text: Box<str>,
}

impl Default for Printed {
    fn default() -> Printed {
        Printed { places: std::iter::repeat_with(Mutex::default).take(PLACES).collect() }
    }
}

impl Printed {
    /// Appends the text of a document, if it is here.
    pub(crate) fn write(&self, document: &Arc<Document>, profile: &Arc<Profile>, base: &str, out: &mut String) -> bool {
        let place = self.place(document).lock().unwrap_or_else(PoisonError::into_inner);
        let found = place.as_ref().filter(|kept| {
            Arc::ptr_eq(&kept.document, document) && Arc::ptr_eq(&kept.profile, profile) && *kept.base == *base
        });
        found.map(|kept| out.push_str(&kept.text)).is_some()
    }

    /// Keeps the text of a document.
    pub(crate) fn keep(&self, document: &Arc<Document>, profile: &Arc<Profile>, base: &str, text: &str) {
        if text.len() > LONGEST {
            return;
        }
        let kept =
            Text { document: Arc::clone(document), profile: Arc::clone(profile), base: base.into(), text: text.into() };
        let before = self.place(document).lock().unwrap_or_else(PoisonError::into_inner).replace(kept);
        // Freed without the lock.
        drop(before);
    }

    fn place(&self, document: &Arc<Document>) -> &Mutex<Option<Text>> {
        let address = Arc::as_ptr(document) as usize as u64;
        let spread = address.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - PLACES.trailing_zeros());
        &self.places[spread as usize]
    }
}

#[cfg(test)]
mod tests {
    use scim::json::{Json, Limits, parse};

    use super::*;

    #[test]
    fn a_text_is_found_only_for_what_it_was_made_from() {
        let printed = Printed::default();
        let Ok(Json::Object(object)) = parse(br#"{"id":"1"}"#, Limits::default()) else { panic!("an object") };
        let document = Arc::new(Document::pack(&object));
        let profile = Arc::new(Profile::preset("tolerant").unwrap());
        let find = |document: &Arc<Document>, profile: &Arc<Profile>, base: &str| {
            let mut out = String::from("[");
            printed.write(document, profile, base, &mut out).then_some(out)
        };
        assert_eq!(find(&document, &profile, "a"), None);
        printed.keep(&document, &profile, "a", "text");
        assert_eq!(find(&document, &profile, "a").as_deref(), Some("[text"));
        assert_eq!(find(&document, &profile, "b"), None, "another base URL");
        assert_eq!(find(&document, &Arc::new(Profile::clone(&profile)), "a"), None, "another profile");
        let same = Arc::new(Document::clone(&document));
        assert_eq!(find(&same, &profile, "a"), None, "another document, though it says the same");
        printed.keep(&same, &profile, "a", &"x".repeat(LONGEST + 1));
        assert_eq!(find(&same, &profile, "a"), None, "too long to be kept");
    }
}
