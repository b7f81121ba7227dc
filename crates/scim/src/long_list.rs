//! Multi-valued attributes with many elements, kept outside the document so that one change of one element costs the same
//! in a list of a hundred and in one of a hundred thousand.
//!
//! A [`LongList`] is persistent: a copy shares everything with its original, and a change copies only the way to the
//! element that it touches. What two versions of a list do not share is found without looking at what they do.

use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, LazyLock};

use foldhash::quality::RandomState;
use imbl::ordmap::DiffItem;
use imbl::{OrdMap, OrdSet};

use crate::document::{self, Packed};
use crate::json::{Json, Object};
use crate::text::fold;
use crate::value::Value;

/// An attribute with more elements than this is kept as a [`LongList`].
pub const LONG: usize = 64;

/// The place of an element in the order of its list; never used again.
pub(crate) type Place = u64;

/// Keyed afresh in each process, so that nobody can choose values that collide.
static HASH: LazyLock<RandomState> = LazyLock::new(RandomState::default);

/// The elements of a multi-valued attribute in their order, with an index by what they are.
///
/// An element is what its `value` says; a simple element is what it says itself; case is folded. Elements of one identity
/// need not be the same thing to their schema: the index gives candidates.
#[derive(Clone, Default)]
pub struct LongList {
    elements: OrdMap<Place, Arc<[u8]>>,
    by_identity: OrdSet<(u64, Place)>,
    primaries: OrdSet<Place>,
    next: Place,
    bytes: usize,
}

/// What differs between two versions of a list.
#[derive(Clone, Debug, Default)]
pub struct Changes<'a> {
    /// Elements that only the first one has, in its order.
    pub gone: Vec<Value<'a>>,
    /// Elements that only the second one has, in its order.
    pub came: Vec<Value<'a>>,
    /// Elements that stand in the same place and say something else.
    pub changed: Vec<(Value<'a>, Value<'a>)>,
}

impl LongList {
    /// A list of these elements.
    pub fn new<'a>(elements: impl IntoIterator<Item = Value<'a>>) -> LongList {
        let mut list = LongList::default();
        elements.into_iter().for_each(|element| list.push(element));
        list
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// Bytes of the elements in packed form.
    pub fn packed_bytes(&self) -> usize {
        self.bytes
    }

    /// The elements in their order.
    pub fn iter(&self) -> impl Iterator<Item = Value<'_>> {
        self.elements.values().map(|element| read(element))
    }

    /// Elements whose identity may be this text. A hit must be verified.
    pub fn alike(&self, identity: &str) -> impl Iterator<Item = Value<'_>> {
        self.places(hash(identity)).filter_map(|place| self.get(place))
    }

    /// What differs from this version to another one. Takes time for what the two do not share.
    pub fn changes<'a>(&'a self, after: &'a LongList) -> Changes<'a> {
        let mut changes = Changes::default();
        for item in self.elements.diff(&after.elements) {
            match item {
                DiffItem::Add(_, element) => changes.came.push(read(element)),
                DiffItem::Remove(_, element) => changes.gone.push(read(element)),
                DiffItem::Update { old: (_, old), new: (_, new) } => {
                    if old != new {
                        changes.changed.push((read(old), read(new)));
                    }
                }
            }
        }
        changes
    }

    /// The elements of this version and of another one that the two do not share, each in its order.
    pub(crate) fn differences<'a>(&'a self, after: &'a LongList) -> (Vec<Value<'a>>, Vec<Value<'a>>) {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for item in self.elements.diff(&after.elements) {
            match item {
                DiffItem::Add(_, element) => right.push(read(element)),
                DiffItem::Remove(_, element) => left.push(read(element)),
                DiffItem::Update { old: (_, old), new: (_, new) } => {
                    left.push(read(old));
                    right.push(read(new));
                }
            }
        }
        (left, right)
    }

    /// Adds an element at the end.
    pub fn push(&mut self, element: Value<'_>) {
        let place = self.next;
        self.next += 1;
        self.insert(place, element);
    }

    /// Takes out the first element that is equal to this one. False if there is none.
    pub fn remove(&mut self, element: Value<'_>) -> bool {
        let place = self.place_of(element);
        place.inspect(|place| self.take(*place)).is_some()
    }

    /// Puts an element where one stands that is equal to `old`. False if there is none.
    pub fn replace(&mut self, old: Value<'_>, new: Value<'_>) -> bool {
        let place = self.place_of(old);
        place.inspect(|place| self.set(*place, new)).is_some()
    }

    /// The list that has exactly these elements: those that are there already keep their place, the others are new. Order
    /// has no meaning in a list of SCIM.
    #[must_use]
    pub fn with(&self, elements: &[Json]) -> LongList {
        let mut after = self.clone();
        let mut left = self.elements.clone();
        let mut rest = Vec::new();
        for element in elements {
            let element = Value::from(element);
            let there =
                self.places(identity(element)).find(|place| left.get(place).is_some_and(|at| read(at) == element));
            match there {
                Some(place) => {
                    left.remove(&place);
                }
                None => rest.push(element),
            }
        }
        for element in rest {
            match self.places(identity(element)).find(|place| left.contains_key(place)) {
                Some(place) => {
                    left.remove(&place);
                    after.set(place, element);
                }
                None => after.push(element),
            }
        }
        left.keys().for_each(|place| after.take(*place));
        after
    }

    pub(crate) fn is_same(&self, other: &LongList) -> bool {
        self.elements.ptr_eq(&other.elements)
    }

    pub(crate) fn get(&self, place: Place) -> Option<Value<'_>> {
        self.elements.get(&place).map(|element| read(element))
    }

    /// The first element at or after a place.
    pub(crate) fn at_or_after(&self, place: Place) -> Option<(Place, Value<'_>)> {
        self.elements.get_next(&place).map(|(place, element)| (*place, read(element)))
    }

    pub(crate) fn all_places(&self) -> Vec<Place> {
        self.elements.keys().copied().collect()
    }

    /// Places of elements with these identities, and of those that are primary, ascending.
    pub(crate) fn candidates(&self, identities: &[u64]) -> Vec<Place> {
        let mut places: Vec<Place> = self.primaries.iter().copied().collect();
        places.extend(identities.iter().flat_map(|identity| self.places(*identity)));
        places.sort_unstable();
        places.dedup();
        places
    }

    pub(crate) fn set(&mut self, place: Place, element: Value<'_>) {
        self.take(place);
        self.insert(place, element);
    }

    pub(crate) fn take(&mut self, place: Place) {
        if let Some(old) = self.elements.remove(&place) {
            self.bytes -= old.len();
            self.by_identity.remove(&(identity(read(&old)), place));
            self.primaries.remove(&place);
        }
    }

    fn insert(&mut self, place: Place, element: Value<'_>) {
        self.by_identity.insert((identity(element), place));
        if element.get("primary").and_then(Value::as_bool) == Some(true) {
            self.primaries.insert(place);
        }
        let packed = document::pack_element(element);
        self.bytes += packed.len();
        self.elements.insert(place, packed.into());
    }

    fn place_of(&self, element: Value<'_>) -> Option<Place> {
        self.places(identity(element)).find(|place| self.get(*place) == Some(element))
    }

    fn places(&self, hash: u64) -> impl Iterator<Item = Place> + '_ {
        self.by_identity.range((hash, 0)..=(hash, Place::MAX)).map(|(_, place)| *place)
    }
}

/// Equal as lists: the same elements in the same order.
impl PartialEq for LongList {
    fn eq(&self, other: &Self) -> bool {
        if self.is_same(other) {
            return true;
        }
        if self.len() != other.len() {
            return false;
        }
        let changes = self.changes(other);
        if changes.gone.is_empty() && changes.came.is_empty() {
            return changes.changed.iter().all(|(old, new)| old == new);
        }
        self.iter().eq(other.iter())
    }
}

impl std::fmt::Debug for LongList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter().map(Value::to_text)).finish()
    }
}

fn read(element: &[u8]) -> Value<'_> {
    Packed::element(element).next_value().unwrap_or(Value::Null)
}

/// Equal for elements that may be the same thing: a hash of what an element says it is.
pub(crate) fn identity(element: Value<'_>) -> u64 {
    let value = match element {
        Value::Object(members) => members.get("value"),
        simple => Some(simple),
    };
    match value {
        Some(Value::String(text)) => hash(text),
        Some(other) => hash(&other.to_text()),
        None => hash(""),
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = HASH.build_hasher();
    hasher.write(fold(text).as_bytes());
    hasher.finish()
}

/// The long lists of a resource, by the attributes whose values they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LongLists(Vec<(Home, LongList)>);

/// The attribute that a list belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Home {
    /// URN of the extension that the attribute is in, if any.
    pub extension: Option<Box<str>>,
    /// Its name.
    pub attribute: Box<str>,
}

impl LongLists {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lists with their attributes.
    pub fn iter(&self) -> impl Iterator<Item = (&Home, &LongList)> {
        self.0.iter().map(|(home, list)| (home, list))
    }

    /// The list of an attribute.
    pub fn get(&self, extension: Option<&str>, attribute: &str) -> Option<&LongList> {
        self.0.iter().find(|(home, _)| home.is(extension, attribute)).map(|(_, list)| list)
    }

    /// Puts a list in the place of the one that an attribute has, or adds it.
    pub fn set(&mut self, extension: Option<&str>, attribute: &str, list: LongList) {
        match self.0.iter_mut().find(|(home, _)| home.is(extension, attribute)) {
            Some((_, have)) => *have = list,
            None => {
                let home = Home { extension: extension.map(Into::into), attribute: attribute.into() };
                self.0.push((home, list));
            }
        }
    }

    /// The value of an attribute in an object that leaves long lists empty; these are kept here.
    pub(crate) fn part(&mut self, extension: Option<&str>, attribute: &str, value: Value<'_>) -> Json {
        match value.as_long() {
            Some(list) => {
                self.set(extension, attribute, list.clone());
                Json::Array(Vec::new())
            }
            None => value.to_json(),
        }
    }

    /// Takes the list of an attribute out.
    pub fn remove(&mut self, extension: Option<&str>, attribute: &str) -> Option<LongList> {
        let at = self.0.iter().position(|(home, _)| home.is(extension, attribute))?;
        Some(self.0.remove(at).1)
    }
}

impl Home {
    fn is(&self, extension: Option<&str>, attribute: &str) -> bool {
        self.extension.as_deref() == extension && &*self.attribute == attribute
    }

    /// What stands for the attribute in an object.
    pub fn find<'a>(&self, object: &'a mut Object) -> Option<&'a mut Json> {
        match &self.extension {
            None => object.get_mut(&self.attribute),
            Some(urn) => object.get_mut(urn)?.as_object_mut()?.get_mut(&self.attribute),
        }
    }

    /// Puts elements where the attribute stands in an object.
    pub fn put(&self, object: &mut Object, elements: Vec<Json>) {
        if let Some(value) = self.find(object) {
            *value = Json::Array(elements);
        }
    }

    /// Takes the attribute out of an object.
    pub fn take(&self, object: &mut Object) -> Option<Json> {
        match &self.extension {
            None => object.remove(&self.attribute),
            Some(urn) => object.get_mut(urn)?.as_object_mut()?.remove(&self.attribute),
        }
    }

    /// The attribute's path: `members`, `urn:...:Team:members`.
    pub fn path(&self) -> String {
        match &self.extension {
            None => self.attribute.to_string(),
            Some(urn) => format!("{urn}:{}", self.attribute),
        }
    }
}

/// A resource under edit or on its way to rest: an object in which long lists are left empty (`[]`), and these lists
/// beside it. An object without lists beside it is whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// The object.
    pub object: Object,
    /// The lists for the empty ones in it.
    pub lists: LongLists,
}

impl From<Object> for Parts {
    fn from(object: Object) -> Self {
        Parts { object, lists: LongLists::default() }
    }
}

impl Parts {
    /// Takes a list that is long in the object and was long before as another version of that one, so that what they have in
    /// common is shared.
    pub fn share_with(&mut self, before: &LongLists) {
        for (home, list) in before.iter() {
            if let Some(Json::Array(elements)) = home.find(&mut self.object)
                && elements.len() > LONG
            {
                self.lists.set(home.extension.as_deref(), &home.attribute, list.with(elements));
                elements.clear();
            }
        }
    }

    /// The whole as one object.
    pub fn into_object(self) -> Object {
        let Parts { mut object, lists } = self;
        for (home, list) in lists.iter() {
            home.put(&mut object, list.iter().map(Value::to_json).collect());
        }
        object
    }
}
