//! Users.

use scim::json::{Json, Object};
use scim::object;

use super::chance::{Chance, Purpose, coprime, mixed};
use super::edge::{self, Edge};
use super::names::Locale;
use super::office::{Office, offices};
use super::organization::Department;
use super::recipe::Recipe;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// After so many users the departments come round again.
const ROUND: u32 = 64;

/// What all users of a recipe have in common.
#[derive(Clone, Debug)]
pub(super) struct People {
    recipe: Recipe,
    /// The locale of each user, over and over.
    places: Vec<Place>,
    /// The department of each user by number, over and over.
    departments: Vec<usize>,
}

/// One place in the round of locales.
#[derive(Clone, Copy, Debug)]
struct Place {
    locale: Locale,
    /// How many places of the same locale are before it in a round, and how many there are.
    before: u32,
    of: u32,
    factor: u64,
    shift: u64,
}

/// Who somebody is.
pub(super) struct Person {
    pub locale: Locale,
    pub given: &'static str,
    pub family: &'static str,
    /// What stands before the @.
    pub mailbox: String,
}

impl Person {
    pub fn formatted(&self) -> String {
        match self.locale.family_first() {
            true => format!("{}{}", self.family, self.given),
            false => format!("{} {}", self.given, self.family),
        }
    }
}

impl People {
    pub fn new(recipe: &Recipe) -> People {
        let mut chance = Chance::new(recipe.seed, Purpose::Whole, 0);
        let mut round: Vec<Locale> = Vec::new();
        for share in &recipe.locales {
            round.extend(std::iter::repeat_n(share.locale, share.weight as usize));
        }
        for at in (1..round.len()).rev() {
            round.swap(at, chance.below(at as u32 + 1) as usize);
        }
        let mixes = Locale::ALL.map(|locale| {
            let pairs = pairs(locale);
            (coprime(u64::from(chance.below(pairs as u32 - 2)) + 2, pairs), u64::from(chance.below(pairs as u32)))
        });
        let places = round.iter().enumerate().map(|(at, locale)| {
            let same = |other: &&Locale| *other == locale;
            let before = round[..at].iter().filter(same).count() as u32;
            let of = round.iter().filter(same).count() as u32;
            let (factor, shift) = mixes[*locale as usize];
            Place { locale: *locale, before, of, factor, shift }
        });
        let places = places.collect();
        let departments = departments(recipe, &mut chance);
        People { recipe: recipe.clone(), places, departments }
    }

    /// The `id` of a user.
    pub fn id(&self, at: u32) -> String {
        Chance::new(self.recipe.seed, Purpose::UserId, at).uuid()
    }

    /// The users of a department, by its number, in order.
    pub fn of_department(&self, department: usize) -> impl Iterator<Item = u32> + '_ {
        let within = move |at: &u32| self.departments[(at % ROUND) as usize] == department;
        (0..self.recipe.users).filter(within)
    }

    fn person(&self, at: u32) -> Person {
        let place = self.places[at as usize % self.places.len()];
        let rank = u64::from(at / self.places.len() as u32) * u64::from(place.of) + u64::from(place.before);
        let pairs = pairs(place.locale);
        let pair = mixed(rank % pairs, pairs, place.factor, place.shift) as usize;
        let names = place.locale.names();
        let (given, family) = (&names.given[pair % names.given.len()], &names.family[pair / names.given.len()]);
        let mut mailbox = format!("{}.{}", given.ascii, family.ascii).to_ascii_lowercase();
        // The same name again: organizations number them.
        if rank >= pairs {
            mailbox.push_str(&(rank / pairs + 1).to_string());
        }
        Person { locale: place.locale, given: given.written, family: family.written, mailbox }
    }

    fn department(&self, at: u32) -> (usize, &'static Department) {
        let number = self.departments[(at % ROUND) as usize];
        (number, &self.recipe.organization.departments()[number])
    }

    /// User number `at`.
    pub fn user(&self, at: u32) -> Object {
        let mut chance = Chance::new(self.recipe.seed, Purpose::User, at);
        let person = self.person(at);
        let (number, department) = self.department(at);
        let office: &Office = chance.one(offices(person.locale));
        let formatted = person.formatted();
        let address = format!("{}@example.com", person.mailbox);
        let title = if at == 0 && self.recipe.managers { "Director" } else { chance.one(department.titles) };
        let active = !chance.percent(self.recipe.inactive_percent);
        let mut user = object! {
            "schemas" => schemas(self.recipe.enterprise),
            "externalId" => format!("E{:07}", u64::from(at) + 1),
            "userName" => address.as_str(),
            "name" => object! {
                "formatted" => formatted.as_str(),
                "familyName" => person.family,
                "givenName" => person.given,
            },
            "displayName" => formatted.as_str(),
            "title" => title,
            "userType" => *chance.one(self.recipe.organization.user_types()),
            "preferredLanguage" => person.locale.tag(),
            "locale" => format!("{}-{}", person.locale.tag(), office.country),
            "timezone" => office.timezone,
            "active" => active,
            "emails" => emails(&person, &address, &mut chance),
            "phoneNumbers" => phones(office, &mut chance),
            "addresses" => vec![Json::from(postal(office, &mut chance))],
        };
        if self.recipe.enterprise {
            let mut enterprise = object! {
                "employeeNumber" => (100_000 + u64::from(at)).to_string(),
                "costCenter" => format!("{}", 4_000 + 10 * number),
                "organization" => self.recipe.organization.name(),
                "division" => department.division,
                "department" => department.name,
            };
            if self.recipe.managers && at > 0 {
                let manager = (at - 1) / self.recipe.reports_per_manager;
                enterprise.insert("manager", object! { "value" => self.id(manager) });
            }
            user.insert(ENTERPRISE, enterprise);
        }
        if let Some((edge, count)) = Edge::of(at, self.recipe.edge_cases_percent) {
            edge::make_hard(&mut user, edge, count, &mut chance);
        }
        user
    }
}

fn schemas(enterprise: bool) -> Vec<Json> {
    let mut schemas = vec![Json::from(USER)];
    if enterprise {
        schemas.push(ENTERPRISE.into());
    }
    schemas
}

fn emails(person: &Person, address: &str, chance: &mut Chance) -> Vec<Json> {
    let mut emails =
        vec![Json::from(object! { "value" => address, "display" => address, "type" => "work", "primary" => true })];
    if chance.percent(30) {
        let home = format!("{}@home.example.com", person.mailbox);
        emails.push(object! { "value" => home, "type" => "home", "primary" => false }.into());
    }
    emails
}

fn phones(office: &Office, chance: &mut Chance) -> Vec<Json> {
    let mut phones = Vec::new();
    for (kind, share) in [("work", 90), ("mobile", 60)] {
        if chance.percent(share) {
            // Two or four digits more: what the country's numbers kept for examples have room for.
            let digits = if office.country == "GB" || office.telephone.ends_with("555 0") { 3 } else { 4 };
            let number = chance.below(10_u32.pow(digits));
            let value = format!("{}{number:0width$}", office.telephone, width = digits as usize);
            phones.push(object! { "value" => value, "type" => kind }.into());
        }
    }
    phones
}

fn postal(office: &Office, chance: &mut Chance) -> Object {
    let street = format!("{} {}", office.street, chance.below(180) + 1);
    let formatted = format!("{street}\n{} {}\n{}", office.postal_code, office.city, office.country);
    object! {
        "type" => "work",
        "formatted" => formatted,
        "streetAddress" => street,
        "locality" => office.city,
        "region" => office.region,
        "postalCode" => office.postal_code,
        "country" => office.country,
        "primary" => true,
    }
}

/// How many names a locale has.
fn pairs(locale: Locale) -> u64 {
    let names = locale.names();
    (names.given.len() * names.family.len()) as u64
}

/// Which department each of [`ROUND`] users is in: the first one has most, and all have some.
fn departments(recipe: &Recipe, chance: &mut Chance) -> Vec<usize> {
    let count = recipe.organization.departments().len();
    let mut round: Vec<usize> = (0..count).collect();
    while round.len() < ROUND as usize {
        // The smaller of two drawn numbers: the first ones come up more often.
        round.push(chance.below(count as u32).min(chance.below(count as u32)) as usize);
    }
    for at in (1..round.len()).rev() {
        round.swap(at, chance.below(at as u32 + 1) as usize);
    }
    round
}
