//! A clock that can be stopped and ids that can be drawn from a number, so that runs can be repeated: the same requests, the
//! same bytes.

use std::sync::{Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use uuid::Uuid;

/// The clock and the ids of all workspaces that are opened one after the other.
#[derive(Debug, Default)]
pub(crate) struct Steered {
    fixed_at: RwLock<Option<Timestamp>>,
    drawn: Mutex<Option<Drawn>>,
}

#[derive(Debug)]
struct Drawn {
    seed: u64,
    random: ChaCha8Rng,
}

impl Steered {
    /// A clock that stands still at a time, or goes; ids from a number, or random ones.
    pub fn new(fixed_at: Option<Timestamp>, seed: Option<u64>) -> Steered {
        Steered { fixed_at: RwLock::new(fixed_at), drawn: Mutex::new(seed.map(Drawn::from)) }
    }
}

impl Drawn {
    fn from(seed: u64) -> Drawn {
        Drawn { seed, random: ChaCha8Rng::seed_from_u64(seed) }
    }
}

impl provider::Clock for Steered {
    fn now(&self) -> Timestamp {
        self.fixed().unwrap_or_else(Timestamp::now)
    }

    fn fixed(&self) -> Option<Timestamp> {
        *self.fixed_at.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// UUIDs (RFC 9562 version 4): random ones, or such that are drawn from the number.
impl provider::Ids for Steered {
    fn next(&self) -> String {
        match &mut *self.drawn.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Uuid::new_v4().to_string(),
            Some(drawn) => {
                let mut bytes = [0; 16];
                drawn.random.fill_bytes(&mut bytes);
                uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
            }
        }
    }
}

impl control::ports::Repeatable for Steered {
    fn fixed_at(&self) -> Option<Timestamp> {
        provider::Clock::fixed(self)
    }

    fn set_fixed_at(&self, at: Option<Timestamp>) {
        *self.fixed_at.write().unwrap_or_else(PoisonError::into_inner) = at;
    }

    fn seed(&self) -> Option<u64> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|drawn| drawn.seed)
    }

    fn set_seed(&self, seed: Option<u64>) {
        *self.drawn.lock().unwrap_or_else(PoisonError::into_inner) = seed.map(Drawn::from);
    }
}

/// Keys and tokens that are drawn from a number too: cursors are signed with a key, and stand in answers. For runs that are
/// repeated only; whoever knows the number knows the keys.
pub(crate) struct DrawnEntropy(Mutex<ChaCha8Rng>);

impl DrawnEntropy {
    /// Another stream of the same number than that of the ids.
    pub fn from(seed: u64) -> DrawnEntropy {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(1);
        DrawnEntropy(Mutex::new(random))
    }
}

impl provider::Entropy for DrawnEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}
