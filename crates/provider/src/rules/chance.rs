//! Chance that comes out the same each time: a hash of a seed and a counter.

use super::action::Delay;

/// A number from 0 to below 1, for the `number`-th time that a seed is asked. `stream` keeps different questions apart.
pub(super) fn roll(seed: u64, stream: u64, number: u64) -> f64 {
    let mixed = mix(mix(seed ^ mix(stream)).wrapping_add(number.wrapping_mul(GOLDEN)));
    // 53 bits are all that the number holds.
    (mixed >> 11) as f64 / (1u64 << 53) as f64
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finalizer of SplitMix64.
fn mix(value: u64) -> u64 {
    let mut value = value.wrapping_add(GOLDEN);
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// How long a delay is for the `number`-th time, in milliseconds.
pub(super) fn delay_ms(delay: Delay, seed: u64, number: u64) -> u64 {
    match delay {
        Delay::Fixed { ms } => ms.into(),
        Delay::Uniform { from_ms, to_ms } => {
            let width = u64::from(to_ms.saturating_sub(from_ms)) + 1;
            u64::from(from_ms) + (roll(seed, 1, number) * width as f64) as u64
        }
        Delay::Normal { mean_ms, deviation_ms } => {
            // Box and Muller: two even chances make a bell curve. Never the logarithm of zero.
            let (radius, turn) = (1.0 - roll(seed, 2, number), roll(seed, 3, number));
            let deviate = (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * turn).cos();
            let ms = f64::from(mean_ms) + f64::from(deviation_ms) * deviate.clamp(-4.0, 4.0);
            ms.max(0.0).round() as u64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roll_is_even_and_the_same_each_time() {
        let rolls: Vec<f64> = (0..10_000).map(|number| roll(7, 0, number)).collect();
        assert_eq!(rolls, (0..10_000).map(|number| roll(7, 0, number)).collect::<Vec<_>>());
        assert_ne!(rolls[..10], (0..10).map(|number| roll(8, 0, number)).collect::<Vec<_>>()[..]);
        let below = |bound: f64| rolls.iter().filter(|roll| **roll < bound).count();
        for tenth in 1..10 {
            let share = below(f64::from(tenth) / 10.0) as i64;
            assert!((share - i64::from(tenth) * 1000).abs() < 200, "{share} of 10000 below {tenth}/10");
        }
        assert!(rolls.iter().all(|roll| (0.0..1.0).contains(roll)));
    }

    #[test]
    fn delays_stay_within_what_they_say() {
        let uniform = Delay::Uniform { from_ms: 100, to_ms: 200 };
        let times: Vec<u64> = (0..1000).map(|number| delay_ms(uniform, 1, number)).collect();
        assert!(times.iter().all(|ms| (100..=200).contains(ms)));
        assert!(times.contains(&100) && times.contains(&200));
        let normal = Delay::Normal { mean_ms: 500, deviation_ms: 50 };
        let times: Vec<u64> = (0..1000).map(|number| delay_ms(normal, 1, number)).collect();
        assert!(times.iter().all(|ms| (300..=700).contains(ms)));
        let near = times.iter().filter(|ms| (450..=550).contains(*ms)).count();
        assert!((600..760).contains(&near), "{near} of 1000 within one deviation");
        assert_eq!(delay_ms(Delay::Normal { mean_ms: 0, deviation_ms: 0 }, 1, 5), 0);
        assert_eq!(delay_ms(Delay::Fixed { ms: 42 }, 1, 5), 42);
    }
}
