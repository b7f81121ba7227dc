//! Which steps must wait for which, when several are under way at once.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use percent_encoding::percent_decode_str;
use scim::json::{self, Limits};

use crate::recording::{Measure, Recorded};
use crate::texts::{last_segment, rewrite};

/// So many resources that a request found are taken for those that it was about.
const MOST_FOUND: usize = 20;
/// With so many things one may have to do.
const MOST_LINKS: usize = 10_000;

/// What a step looks at or changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Touches {
    /// Hashes of ids and names.
    things: Vec<u64>,
    /// Whether it changes them.
    writes: bool,
    /// Whether it deletes: then it touches what has to do with them, too.
    deletes: bool,
    /// Whether it may touch anything: then it goes alone.
    everything: bool,
}

impl Touches {
    /// What a step touches, by its request and its recorded answer.
    pub fn of(step: &Recorded) -> Touches {
        let writes = step.writes();
        if matches!(step.measure, Measure::Expected(_)) || step.call.path.starts_with("/Bulk") {
            return Touches { things: Vec::new(), writes, deletes: false, everything: true };
        }
        let mut things = Vec::new();
        let mut add = |text: &str| things.push(hash(&text.to_lowercase()));
        let path = step.call.path.split('?').next().unwrap_or_default();
        let endpoint = path.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
        rewrite(&step.call, &mut |place, piece| {
            let names = ["/id", "/value", "/userName", "/externalId", "/displayName"];
            let named = place.starts_with("body ") && names.iter().any(|name| place.ends_with(name));
            let is_word = piece.eq_ignore_ascii_case("true") || piece.eq_ignore_ascii_case("false");
            if place == "path" && piece != endpoint && !piece.starts_with('/') || named && !is_word {
                add(piece);
            } else if place.ends_with("/path") || place.ends_with("/filter") {
                piece.split('"').skip(1).step_by(2).for_each(&mut add);
            } else if place.ends_with("/$ref") {
                last_segment(piece).into_iter().for_each(&mut add);
            }
            None
        });
        if let Some((_, query)) = step.call.path.split_once('?') {
            let decoded = percent_decode_str(query).decode_utf8_lossy();
            decoded.split('"').skip(1).step_by(2).for_each(&mut add);
        }
        let is_discovery = ["ServiceProviderConfig", "Schemas", "ResourceTypes"].contains(&endpoint.as_str());
        let is_vague = things.is_empty();
        let mut add = |text: &str| things.push(hash(&text.to_lowercase()));
        if let Some(reply) = step.reply().filter(|_| !is_discovery) {
            reply.header("location").and_then(last_segment).into_iter().for_each(&mut add);
            let body = json::parse(&reply.body, Limits::default()).ok();
            let found = body.as_ref().and_then(|body| body.pointer("/Resources")?.as_array()).unwrap_or_default();
            let ids = body.iter().chain(found.iter().take(MOST_FOUND)).filter_map(|one| one.pointer("/id")?.as_str());
            ids.for_each(&mut add);
        }
        things.sort_unstable();
        things.dedup();
        let deletes = step.call.method == "DELETE";
        Touches { things, writes, deletes, everything: is_vague && !is_discovery }
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    // 0 stands for everything.
    hasher.finish().max(1)
}

/// Steps in their order, and which others each of them waits for. Queueing and finishing a step takes as long as it touches
/// things, however many steps there are.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// Who touches a thing and is not over.
    touched: HashMap<u64, Touched>,
    /// How many others a step waits for, if it waits.
    waits: HashMap<usize, usize>,
    /// Who waits for a step; once for each thing that both touch.
    followers: HashMap<usize, Vec<usize>>,
    /// Things that one step touched together: a name and the id behind it, a group and its members.
    links: HashMap<u64, HashSet<u64>>,
}

/// Who touches a thing and is not over.
#[derive(Debug, Default)]
struct Touched {
    /// The last one that has to be alone with it.
    alone: Option<usize>,
    /// Those after it that need not.
    together: HashSet<usize>,
}

impl Order {
    /// Queues a step behind those before it. Gives what it touches with what has to do with it: who asks for a name means the
    /// resource behind it, and who deletes a resource changes the groups that it is in.
    pub fn queue(&mut self, step: usize, touches: Touches) -> Touches {
        let mut touches = touches;
        let own = touches.things.clone();
        if touches.deletes || !touches.writes && own.len() <= 2 {
            let linked = own.iter().filter_map(|thing| self.links.get(thing)).flatten();
            touches.things.extend(linked.take(MOST_LINKS));
            touches.things.sort_unstable();
            touches.things.dedup();
        }
        if own.len() > 1 && own.len() <= MOST_LINKS {
            // Every thing with the first few: names with ids, members with their group.
            for one in own.iter().take(4) {
                for other in own.iter().filter(|other| *other != one) {
                    self.links.entry(*one).or_default().insert(*other);
                    self.links.entry(*other).or_default().insert(*one);
                }
            }
        }
        let mut waits = 0;
        for (thing, alone) in things(&touches) {
            let touched = self.touched.entry(thing).or_default();
            let before = if alone {
                let before = touched.together.drain().chain(touched.alone).collect();
                touched.alone = Some(step);
                before
            } else {
                touched.together.insert(step);
                Vec::from_iter(touched.alone)
            };
            waits += before.len();
            for other in before {
                self.followers.entry(other).or_default().push(step);
            }
        }
        if waits > 0 {
            self.waits.insert(step, waits);
        }
        touches
    }

    /// Whether nothing before it has to be finished first.
    pub fn may_start(&self, step: usize) -> bool {
        !self.waits.contains_key(&step)
    }

    /// Takes a step out.
    pub fn finish(&mut self, step: usize, touches: &Touches) {
        for (thing, _) in things(touches) {
            if let Entry::Occupied(mut touched) = self.touched.entry(thing) {
                let who = touched.get_mut();
                who.together.remove(&step);
                who.alone = who.alone.filter(|alone| *alone != step);
                if who.alone.is_none() && who.together.is_empty() {
                    touched.remove();
                }
            }
        }
        for follower in self.followers.remove(&step).unwrap_or_default() {
            if let Entry::Occupied(mut waits) = self.waits.entry(follower) {
                *waits.get_mut() -= 1;
                if *waits.get() == 0 {
                    waits.remove();
                }
            }
        }
    }
}

/// Each thing, and whether nobody else may touch it meanwhile.
fn things(touches: &Touches) -> impl Iterator<Item = (u64, bool)> {
    let own = touches.things.iter().map(|thing| (*thing, touches.writes));
    own.chain(std::iter::once((0, touches.everything)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{Call, Reply};

    fn step(method: &str, path: &str, body: &str) -> Recorded {
        Recorded {
            label: String::new(),
            seq: None,
            offset_us: None,
            elapsed_us: None,
            base_path: String::new(),
            call: Call { method: method.into(), path: path.into(), headers: Vec::new(), body: body.to_owned().into() },
            measure: Measure::Nothing,
            unsendable: None,
        }
    }

    /// Which of these steps may start at once.
    fn free(steps: &[Recorded]) -> Vec<usize> {
        let mut order = Order::default();
        for (index, step) in steps.iter().enumerate() {
            order.queue(index, Touches::of(step));
        }
        (0..steps.len()).filter(|index| order.may_start(*index)).collect()
    }

    #[test]
    fn steps_about_one_user_keep_their_order_and_others_go_ahead() {
        let steps = [
            step("GET", "/Users?filter=userName+eq+%22Ada%22", ""),
            step("POST", "/Users", r#"{"userName": "ada", "active": true}"#),
            step("POST", "/Users", r#"{"userName": "bob", "active": true}"#),
            step("PATCH", "/Users/9f", r#"{"Operations": [{"op": "replace", "path": "active", "value": "False"}]}"#),
            step("PATCH", "/Users/8e", r#"{"Operations": [{"op": "replace", "path": "active", "value": "False"}]}"#),
        ];
        assert_eq!(free(&steps), [0, 2, 3, 4]);
    }

    #[test]
    fn who_asks_for_a_name_waits_for_what_happens_to_the_resource_behind_it() {
        let mut created = step("POST", "/Users", r#"{"userName": "ada"}"#);
        let reply = Reply { status: 201, headers: Vec::new(), body: r#"{"id": "9f"}"#.into() };
        created.measure = Measure::Recorded(reply);
        let member = r#"{"Operations": [{"op": "add", "path": "members", "value": [{"value": "9f"}]}]}"#;
        let steps = [
            created,
            step("PATCH", "/Groups/g", member),
            step("DELETE", "/Users/9f", ""),
            step("GET", "/Groups/g", ""),
        ];
        assert_eq!(free(&steps), [0]);
        let mut order = Order::default();
        let touches: Vec<Touches> =
            steps.iter().enumerate().map(|(at, step)| order.queue(at, Touches::of(step))).collect();
        order.queue(4, Touches::of(&step("GET", "/Users?filter=userName+eq+%22ada%22", "")));
        for (at, touches) in touches[..2].iter().enumerate() {
            order.finish(at, touches);
        }
        assert!(order.may_start(2) && !order.may_start(3) && !order.may_start(4));
        order.finish(2, &touches[2]);
        assert!(order.may_start(3) && order.may_start(4));
    }

    #[test]
    fn readers_go_together_and_a_list_of_everything_goes_alone() {
        let read = || step("GET", "/Users/9f", "");
        assert_eq!(free(&[read(), read(), step("GET", "/Users?startIndex=1", ""), read()]), [0, 1]);
        assert_eq!(free(&[step("GET", "/Schemas", ""), read()]), [0, 1]);
    }
}
