//! Which column of a table is which attribute.

use scim::json::{Json, Object};
use scim::schema::{Attribute, Container, Kind, Mutability, Shape, Target};

/// A column, and the attribute that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the header.
    pub name: String,
    /// The attribute: `userName`, `name.givenName`, `emails[work].value`, or with the URN of an extension before it. Nothing
    /// leaves the column out.
    pub target: String,
}

/// What puts cells into resources.
#[derive(Debug)]
pub(super) struct Setter<'a> {
    extension: Option<&'a str>,
    attribute: &'a Attribute,
    sub: Option<&'a Attribute>,
    /// The type of the element of a list: "work".
    kind: Option<String>,
}

/// Names that other programs give to columns, in small letters without blanks, and what they are. The first that fits wins.
const USUAL: &[(&str, &str)] = &[
    ("username login loginname userid user upn userprincipalname samaccountname account", "userName"),
    ("email mail emailaddress workemail primaryemail businessemail", "emails[work].value"),
    ("homeemail privateemail personalemail secondaryemail", "emails[home].value"),
    ("firstname givenname forename first vorname prenom", "name.givenName"),
    ("lastname surname familyname last nachname nom", "name.familyName"),
    ("middlename", "name.middleName"),
    ("displayname name fullname groupname group cn", "displayName"),
    ("title jobtitle position role", "title"),
    ("active enabled isactive accountenabled status", "active"),
    ("externalid objectid objectguid sourceid immutableid", "externalId"),
    ("id uuid guid", "id"),
    ("phone telephone telephonenumber workphone businessphone officephone", "phoneNumbers[work].value"),
    ("mobile mobilephone cell cellphone", "phoneNumbers[mobile].value"),
    ("street streetaddress address", "addresses[work].streetAddress"),
    ("city locality town", "addresses[work].locality"),
    ("state region province", "addresses[work].region"),
    ("zip zipcode postalcode postcode", "addresses[work].postalCode"),
    ("country countrycode", "addresses[work].country"),
    ("department dept", "department"),
    ("division", "division"),
    ("costcenter costcentre", "costCenter"),
    ("employeenumber employeeid empid personnelnumber staffid", "employeeNumber"),
    ("organization organisation company", "organization"),
    ("manager managerid", "manager.value"),
    ("language preferredlanguage", "preferredLanguage"),
    ("locale", "locale"),
    ("timezone", "timezone"),
    ("usertype employeetype", "userType"),
    ("nickname", "nickName"),
    ("members member memberids", "members.value"),
];

/// What the columns of a table are by their names; those that nothing fits are left out.
pub fn guess_columns(header: &[String], shape: &Shape) -> Vec<Column> {
    let offered = targets(shape);
    let mut taken: Vec<String> = Vec::new();
    let columns = header.iter().map(|name| {
        let plain = plain(name);
        let fits = |target: &&String| plain == self::plain(target) || name.eq_ignore_ascii_case(target);
        let usual = || {
            let (_, target) = USUAL.iter().find(|(names, _)| names.split(' ').any(|usual| usual == plain))?;
            let suffix = format!(":{target}");
            offered.iter().find(|offered| *offered == target || offered.ends_with(&suffix))
        };
        let target = offered.iter().find(fits).or_else(usual).filter(|target| !taken.contains(target));
        taken.extend(target.cloned());
        Column { name: name.clone(), target: target.cloned().unwrap_or_default() }
    });
    columns.collect()
}

/// What a column can be, for a type: everything that clients write and that fits into a cell.
pub fn targets(shape: &Shape) -> Vec<String> {
    let mut all = vec!["id".to_owned()];
    let core = shape.core_attributes().map(|attribute| (None, attribute));
    let extended = shape.extensions.iter();
    let extended = extended
        .flat_map(|(schema, _)| schema.attributes.iter().map(|attribute| (Some(schema.id.as_str()), attribute)));
    for (extension, attribute) in core.chain(extended) {
        if attribute.mutability == Mutability::ReadOnly || ["schemas", "id", "meta"].contains(&attribute.name.as_str())
        {
            continue;
        }
        let prefix = extension.map(|urn| format!("{urn}:")).unwrap_or_default();
        let name = format!("{prefix}{}", attribute.name);
        if attribute.kind != Kind::Complex {
            all.push(name);
            continue;
        }
        let subs = || {
            let shown = |sub: &&Attribute| {
                sub.kind != Kind::Complex && sub.mutability != Mutability::ReadOnly && !is_beside(&sub.name)
            };
            attribute.sub_attributes.iter().filter(shown).map(|sub| sub.name.as_str())
        };
        let kinds: Vec<&str> = attribute
            .sub("type")
            .map(|kind| kind.canonical_values.iter().map(String::as_str).collect())
            .unwrap_or_default();
        if attribute.multi_valued && !kinds.is_empty() && attribute.name != "members" {
            for kind in kinds {
                all.extend(subs().map(|sub| format!("{name}[{kind}].{sub}")));
            }
        } else if attribute.multi_valued {
            all.extend(subs().filter(|sub| *sub == "value").map(|sub| format!("{name}.{sub}")));
        } else {
            all.extend(subs().map(|sub| format!("{name}.{sub}")));
        }
    }
    all
}

/// Sub-attributes that stand beside the value and are no column.
fn is_beside(name: &str) -> bool {
    ["type", "primary", "display", "$ref"].contains(&name)
}

/// A name in small letters, without what programs put between words.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl<'a> Setter<'a> {
    /// What puts cells into this attribute, or why there is none.
    pub fn new(shape: &'a Shape, target: &str) -> Result<Setter<'a>, String> {
        let (path, kind) = match (target.find('['), target.find(']')) {
            (Some(from), Some(to)) if from < to => {
                let kind = target[from + 1..to].to_owned();
                (format!("{}{}", &target[..from], &target[to + 1..]), Some(kind))
            }
            _ => (target.to_owned(), None),
        };
        match shape.resolve(&path).map_err(|why| why.to_string())? {
            Target::Attribute { container, attribute, sub } => {
                if sub.is_none() && attribute.kind == Kind::Complex {
                    return Err(format!("{path} has parts; name one of them, as in {path}.value"));
                }
                let extension = match container {
                    Container::Core => None,
                    Container::Extension(schema) => Some(schema.id.as_str()),
                };
                Ok(Setter { extension, attribute, sub, kind })
            }
            Target::Extension(_) => Err(format!("{path} is a whole extension; name one of its attributes")),
        }
    }

    /// A resource without anything in it.
    pub fn begin(shape: &Shape) -> Object {
        let mut resource = Object::new();
        resource.insert("schemas", vec![Json::from(shape.base.id.as_str())]);
        resource
    }

    pub fn is_id(&self) -> bool {
        self.extension.is_none() && self.attribute.name == "id"
    }

    /// Puts the text of a cell into a resource.
    pub fn set(&self, resource: &mut Object, text: &str) -> Result<(), String> {
        let owner = match self.extension {
            None => resource,
            Some(urn) => {
                if let Some(Json::Array(schemas)) = resource.get_mut("schemas")
                    && !schemas.iter().any(|schema| schema.as_str() == Some(urn))
                {
                    schemas.push(urn.into());
                }
                inner(resource, urn)
            }
        };
        let name = self.attribute.name.as_str();
        match (self.sub, self.attribute.multi_valued) {
            (None, false) => {
                owner.insert(name, value(self.attribute, text)?);
            }
            (None, true) => {
                let values: Result<Vec<Json>, String> = parts(text).map(|part| value(self.attribute, part)).collect();
                owner.insert(name, values?);
            }
            (Some(sub), false) => {
                inner(owner, name).insert(sub.name.as_str(), value(sub, text)?);
            }
            (Some(sub), true) => self.set_element(owner, sub, text)?,
        }
        Ok(())
    }

    fn set_element(&self, owner: &mut Object, sub: &Attribute, text: &str) -> Result<(), String> {
        let name = self.attribute.name.as_str();
        if owner.get(name).is_none() {
            owner.insert(name, Vec::new());
        }
        let Some(Json::Array(elements)) = owner.get_mut(name) else { return Ok(()) };
        match &self.kind {
            // Several columns make one element: that with their type.
            Some(kind) => {
                let is_it = |element: &&mut Json| element.pointer("/type").and_then(Json::as_str) == Some(kind);
                let value = value(sub, text)?;
                match elements.iter_mut().find(is_it).and_then(Json::as_object_mut) {
                    Some(element) => drop(element.insert(sub.name.as_str(), value)),
                    None => {
                        let mut element = Object::new();
                        element.insert(sub.name.as_str(), value);
                        element.insert("type", kind.as_str());
                        elements.push(element.into());
                    }
                }
            }
            // One cell holds several elements.
            None => {
                for part in parts(text) {
                    let mut element = Object::new();
                    element.insert(sub.name.as_str(), value(sub, part)?);
                    elements.push(element.into());
                }
            }
        }
        Ok(())
    }
}

fn inner<'o>(object: &'o mut Object, name: &str) -> &'o mut Object {
    if object.get(name).and_then(Json::as_object).is_none() {
        object.insert(name, Object::new());
    }
    object.get_mut(name).and_then(Json::as_object_mut).expect("it was put there")
}

/// The parts of a cell that holds several values.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '|', '\n']).map(str::trim).filter(|part| !part.is_empty())
}

fn value(attribute: &Attribute, text: &str) -> Result<Json, String> {
    match attribute.kind {
        Kind::Boolean => match text.to_lowercase().as_str() {
            "true" | "yes" | "y" | "1" | "active" | "enabled" | "on" => Ok(true.into()),
            "false" | "no" | "n" | "0" | "inactive" | "disabled" | "off" => Ok(false.into()),
            _ => Err(format!("{:?} is neither true nor false", text.chars().take(40).collect::<String>())),
        },
        Kind::Integer => match text.parse::<i64>() {
            Ok(number) => Ok(number.into()),
            Err(_) => Err(format!("{:?} is no whole number", text.chars().take(40).collect::<String>())),
        },
        _ => Ok(text.into()),
    }
}
