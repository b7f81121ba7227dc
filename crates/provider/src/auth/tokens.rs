//! Tokens that the token endpoint has issued: kept in memory only, so a restart revokes them all.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;

use super::access::{Scope, is_right};
use crate::ports::Entropy;

/// How many tokens of a tenant can be good at a time; beyond that, those that expire first are given up.
const MOST: usize = 1_000;
/// How many characters at the front of a token find it; the rest is the secret that is compared.
const HANDLE: usize = 12;

/// The tokens of a tenant. Reading takes no lock.
#[derive(Default)]
pub(crate) struct Issued {
    by_handle: ArcSwap<HashMap<String, Arc<Token>>>,
}

/// What a token stands for.
pub(crate) struct Token {
    text: String,
    /// The credential of the client that it was issued to.
    pub credential: String,
    pub scopes: Vec<Scope>,
    pub expires_at: Timestamp,
}

impl Issued {
    /// Makes a token.
    pub fn issue(
        &self,
        entropy: &dyn Entropy,
        credential: &str,
        scopes: Vec<Scope>,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> String {
        let text = random_text(entropy);
        let token = Arc::new(Token { text: text.clone(), credential: credential.to_owned(), scopes, expires_at });
        self.by_handle.rcu(|known| {
            // One that has expired is kept for a while: "it expired" says more than "it is unknown".
            let mut tokens = HashMap::clone(known);
            if tokens.len() >= MOST {
                tokens.retain(|_, token| token.expires_at > now);
            }
            while tokens.len() >= MOST {
                let first = tokens.iter().min_by_key(|(_, token)| token.expires_at).map(|(handle, _)| handle.clone());
                let Some(first) = first else { break };
                tokens.remove(&first);
            }
            tokens.insert(text[..HANDLE].to_owned(), Arc::clone(&token));
            tokens
        });
        text
    }

    /// The token with exactly this text.
    pub fn find(&self, presented: &str) -> Option<Arc<Token>> {
        let handle = presented.get(..HANDLE)?;
        let tokens = self.by_handle.load();
        tokens.get(handle).filter(|token| is_right(presented, &token.text)).cloned()
    }

    /// Forgets them all.
    pub fn clear(&self) {
        self.by_handle.store(Arc::default());
    }
}

/// 160 random bits as 32 letters and digits that are not mistaken for one another, five bits each.
pub(crate) fn random_text(entropy: &dyn Entropy) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    entropy.fill(&mut bytes);
    let letters = bytes.chunks_exact(5).flat_map(|five| {
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        (0..8).rev().map(move |at| char::from(ALPHABET[(bits >> (5 * at)) as usize & 31]))
    });
    letters.collect()
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issued({})", self.by_handle.load().len())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Numbers that are never the same.
    struct Counter(AtomicU64);

    impl Entropy for Counter {
        fn fill(&self, bytes: &mut [u8]) {
            let number = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed).to_be_bytes();
            bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, part)| *byte = *part);
        }
    }

    #[test]
    fn many_tokens_do_not_fill_the_memory_and_those_that_expire_first_go_first() {
        let (issued, entropy) = (Issued::default(), Counter(AtomicU64::new(1)));
        let (now, later) = (Timestamp::UNIX_EPOCH, "2026-01-01T00:00:00Z".parse().unwrap());
        let issue = |expires_at| issued.issue(&entropy, "client", Scope::ALL.to_vec(), now, expires_at);
        let short = issue("2025-01-01T00:00:00Z".parse().unwrap());
        let texts: Vec<String> = (1..MOST).map(|_| issue(later)).collect();
        assert!(issued.find(&short).is_some() && texts.iter().all(|text| issued.find(text).is_some()));
        let last = issue(later);
        assert!(issued.find(&short).is_none() && issued.find(&last).is_some());
        (0..MOST).for_each(|_| drop(issue(later)));
        assert_eq!(issued.by_handle.load().len(), MOST);
        issued.clear();
        assert!(issued.find(&last).is_none());
    }

    #[test]
    fn random_texts_are_long_plain_and_not_the_same() {
        let entropy = Counter(AtomicU64::new(0));
        let (one, other) = (random_text(&entropy), random_text(&entropy));
        assert_eq!((one.as_str(), other.len()), ("a".repeat(32).as_str(), 32));
        assert_ne!(one, other);
        assert!(other.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    }
}
