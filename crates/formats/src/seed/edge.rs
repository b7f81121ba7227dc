//! Users that are hard to deal with. Each of them is a user that SCIM allows.

use scim::json::{Json, Object};
use scim::object;

use super::chance::Chance;

/// How many elements a user with many has in each list.
const MANY: u32 = 200;

/// What makes a user hard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// Texts that are much longer than columns.
    Long,
    /// Texts without a letter: empty, a blank, a blank that is none.
    Empty,
    /// Emoji of several code points.
    Emoji,
    /// Right-to-left, with characters that change the direction.
    RightToLeft,
    /// Letters with their accents apart, and many of these.
    Combining,
    /// Letters that look like others.
    LookAlike,
    /// The display name that others have too.
    SameDisplayName,
    /// Two hundred elements in a list.
    Many,
    /// What other languages take for syntax.
    Markup,
    /// One letter, and case that folds in unusual ways.
    Case,
}

const ALL: [Edge; 10] = [
    Edge::Long,
    Edge::Empty,
    Edge::Emoji,
    Edge::RightToLeft,
    Edge::Combining,
    Edge::LookAlike,
    Edge::SameDisplayName,
    Edge::Many,
    Edge::Markup,
    Edge::Case,
];

impl Edge {
    /// What is hard about user number `at`, if so many of a hundred are, and how many of them came before: they stand at even
    /// distances, and all kinds come in turn.
    pub fn of(at: u32, percent: u8) -> Option<(Edge, u32)> {
        let through = |users: u32| (u64::from(users) * u64::from(percent) / 100) as u32;
        let before = through(at);
        (through(at + 1) > before).then(|| (ALL[before as usize % ALL.len()], before))
    }
}

/// Makes a user hard. `count` is another number for each of them, so that user names stay unique.
pub(super) fn make_hard(user: &mut Object, edge: Edge, count: u32, chance: &mut Chance) {
    match edge {
        Edge::Long => {
            let long = "Maximiliane-Alexandrina-Wilhelmine-".repeat(8);
            named(user, &format!("{long}{count}"), &"von und zu Hohenlangenfels-".repeat(10));
            user.insert("userName", format!("{}{count}@example.com", "long.".repeat(48)));
            user.insert("title", "Deputy Acting Assistant to the ".repeat(40));
        }
        Edge::Empty => {
            named(user, "", "\u{a0}");
            for (name, text) in [("displayName", ""), ("nickName", " "), ("title", ""), ("userType", "\u{200b}")] {
                user.insert(name, text);
            }
        }
        Edge::Emoji => {
            let family = "\u{1F469}\u{1F3FD}\u{200D}\u{1F469}\u{1F3FB}\u{200D}\u{1F467}\u{1F3FF}\u{200D}\u{1F466}";
            named(
                user,
                &format!("{family} {count}"),
                "\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
            );
            user.insert("userName", format!("\u{1F98A}{count}@example.com"));
            user.insert("title", "\u{1F468}\u{200D}\u{1F4BB}\u{FE0F} \u{2764}\u{FE0F}\u{200D}\u{1F525}");
        }
        Edge::RightToLeft => {
            named(user, "نُور\u{200f}", "עִבְרִי");
            user.insert("displayName", format!("\u{202e}drofwarC {count}\u{202c} (نور) abc"));
            user.insert("userName", format!("نور{count}@example.com"));
            user.insert("nickName", "\u{2067}محمد 123 abc\u{2069}");
        }
        Edge::Combining => {
            // The same name composed and not composed; a letter with eight marks.
            named(user, "Zoe\u{308}", "A\u{30a}ngstro\u{308}m");
            user.insert("displayName", "Zo\u{eb} \u{c5}ngstr\u{f6}m");
            user.insert("nickName", "Z\u{335}\u{321}\u{31b}\u{322}\u{300}\u{301}\u{30d}\u{315}algo");
            user.insert("userName", format!("zoe\u{308}.{count}@example.com"));
        }
        Edge::LookAlike => {
            // Cyrillic а, е, о in the place of Latin letters; full-width digits.
            named(user, "Аdа", "Lоvеlаcе");
            user.insert("userName", format!("аdmin{count}@example.com"));
            user.insert("displayName", "Adrnin \u{ff11}");
        }
        Edge::SameDisplayName => {
            user.insert("displayName", "Alex Morgan");
            user.insert("nickName", "Alex");
        }
        Edge::Many => {
            let element = |kind: &str, value: String| Json::from(object! { "value" => value, "type" => kind });
            let addresses = (0..MANY).map(|at| {
                let mut address = object! { "value" => format!("many{count}.{at}@example.com"), "type" => "other" };
                address.insert("primary", at == 0);
                Json::from(address)
            });
            user.insert("emails", addresses.collect::<Vec<Json>>());
            let phones = (0..MANY).map(|at| element("other", format!("+1 617 555 0{at:03} x{}", chance.below(1000))));
            user.insert("phoneNumbers", phones.collect::<Vec<Json>>());
            let roles = (0..MANY).map(|at| element("application", format!("role-{at:03}")));
            user.insert("roles", roles.collect::<Vec<Json>>());
        }
        Edge::Markup => {
            named(user, "Robert'); DROP TABLE users;--", "<script>alert(\"1\")</script>");
            user.insert("displayName", "O\u{2019}Brien & \"Sons\" \\ %00 {{7*7}} ${x} =1+1");
            user.insert("nickName", "a\tb\u{b}c\u{1}d\r\ne");
            user.insert("userName", format!("o'brien+\"{count}\"\\@example.com"));
        }
        Edge::Case => {
            // Turkish dotless i, sharp s, final sigma, the Kelvin sign: their case is not that of ASCII.
            named(user, "ı", "İSTANBUL");
            user.insert("displayName", "STRASSE straße ΣΊΣΥΦΟΣ \u{212a}");
            user.insert("userName", format!("Straße.İ{count}@Example.COM"));
        }
    }
}

fn named(user: &mut Object, given: &str, family: &str) {
    let formatted = format!("{given} {family}");
    user.insert("name", object! { "formatted" => formatted.as_str(), "familyName" => family, "givenName" => given });
    user.insert("displayName", formatted);
}
