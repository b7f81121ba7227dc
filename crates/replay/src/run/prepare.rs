//! Making the request of a step: values of the target in the places of recorded ones.

use super::{Bound, Run, Waiting};
use crate::bindings::{Binding, ValueSort, resource};
use crate::destination;
use crate::play::{self, Verdict};
use crate::recording::Measure;
use crate::texts::{below_base, rewrite};
use crate::wire::Outgoing;

/// What a step needs of answers.
struct Needs<'a> {
    index: usize,
    /// The recorded id of the resource that it is about.
    resource: &'a str,
    bindings: &'a [Binding],
}

impl Run<'_> {
    /// The request of a step, or why it is not sent.
    pub(super) fn prepare(&self, waiting: &mut Waiting) -> Result<Outgoing, (Verdict, String)> {
        if let Some(why) = &waiting.step.unsendable {
            return Err((Verdict::Skipped, why.clone()));
        }
        if let Measure::Expected(step) = &waiting.step.measure {
            let mut outgoing =
                play::prepare(&self.variables, step).map_err(|unknown| (Verdict::Error, unknown.to_string()))?;
            self.admit(step, &mut outgoing);
            return Ok(outgoing);
        }
        let (index, base_path) = (waiting.index, waiting.step.base_path.clone());
        let needs = Needs {
            index,
            resource: resource(&waiting.step.call.path),
            bindings: self.plan.bindings.get(&index).map(Vec::as_slice).unwrap_or_default(),
        };
        let base = self.destination.base.trim_end_matches('/');
        let (mut bound, mut missing) = (Vec::new(), None);
        let call = rewrite(&waiting.step.call, &mut |place, piece| {
            if place.starts_with("body ")
                && let Some(below) = below_base(piece, &base_path)
            {
                let mut known = |part: &str| self.value(&needs, place, part).ok().flatten().map(|(new, _)| new);
                let below = crate::texts::plain(below, &mut known).unwrap_or_else(|| below.to_owned());
                return Some(format!("{base}{below}"));
            }
            match self.value(&needs, place, piece) {
                Ok(None) => None,
                Ok(Some((new, from_step))) => {
                    bound.push(Bound {
                        place: place.to_owned(),
                        recorded: piece.to_owned(),
                        sent: new.clone(),
                        from_step,
                    });
                    Some(new)
                }
                Err(from) => {
                    missing.get_or_insert((piece.to_owned(), from));
                    None
                }
            }
        });
        if let Some((value, from)) = missing {
            // Sent as recorded it could name something else there.
            let why = format!("{value:?} comes from the answer to step {}, which did not give it", from + 1);
            return Err((Verdict::Skipped, why));
        }
        waiting.bound = bound;
        let was_refused = waiting.step.reply().is_some_and(|reply| reply.status == 401);
        let credentials = &self.destination.credentials;
        Ok(Outgoing {
            method: call.method,
            path: call.path,
            headers: destination::headers(&call.headers, credentials, was_refused),
            body: (!call.body.is_empty()).then_some(call.body),
            secret: credentials.field().map(|(name, _)| name),
        })
    }

    /// What stands for a value at a place of a request, with the step it came from; the step that should have given it if it
    /// did not.
    fn value(&self, needs: &Needs<'_>, place: &str, piece: &str) -> Result<Option<(String, Option<usize>)>, usize> {
        if let Some(with) = self.plan.fixed.get(&(needs.index, place.to_owned(), piece.to_owned())) {
            return Ok(Some((with.clone(), None)));
        }
        let Some(binding) = needs.bindings.iter().find(|binding| binding.to_place == place && binding.value == piece)
        else {
            return Ok(None);
        };
        let told = self.values.get(&(binding.from_step, binding.from_place.clone())).cloned();
        let known = || match binding.sort {
            ValueSort::Version => self.mapping.version_there(needs.resource, piece).map(str::to_owned),
            _ => self.mapping.there(piece).map(str::to_owned),
        };
        match told.map(|value| (value, Some(binding.from_step))).or_else(|| Some((known()?, None))) {
            Some(value) => Ok(Some(value)),
            None => Err(binding.from_step),
        }
    }

    /// Credentials of another kind than a bearer token in the place where a flow file has its token.
    fn admit(&self, step: &crate::flow::Step, outgoing: &mut Outgoing) {
        let own = self.destination.credentials.field();
        outgoing.secret = own.as_ref().map(|(name, _)| name.clone());
        if own.as_ref().is_some_and(|(_, value)| value.starts_with("Bearer ")) {
            return;
        }
        let has_token = |name: &str| {
            step.headers.iter().any(|(have, value)| have.eq_ignore_ascii_case(name) && value.contains("{{auth.token}}"))
        };
        let before = outgoing.headers.len();
        outgoing.headers.retain(|(name, _)| !has_token(name));
        if outgoing.headers.len() < before {
            outgoing.headers.extend(own);
        }
    }
}
