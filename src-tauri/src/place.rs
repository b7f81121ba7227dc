//! Where the window stands, and whether that is still on a screen.

use serde::{Deserialize, Serialize};

/// Smallest size of the window, in logical pixels.
pub const LEAST: (f64, f64) = (600.0, 420.0);
/// Size at the first start, in logical pixels.
pub const FIRST: (f64, f64) = (1280.0, 860.0);

/// So much of the upper edge must be on a screen, in physical pixels: enough to take hold of it.
const GRIP: (i64, i64) = (120, 40);

/// A rectangle of the desktop, in physical pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// How the window was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Where it stands when it is not maximised.
    pub area: Area,
    /// Whether it fills the screen.
    #[serde(default)]
    pub maximized: bool,
}

impl Area {
    /// This area as it can be shown on these screens: no larger than the one it is on, and none if nobody could take hold of it.
    pub fn on(self, screens: &[Area]) -> Option<Area> {
        let held = screens.iter().find(|screen| {
            let across = overlap(self.x, self.width, screen.x, screen.width);
            let down = overlap(self.y, self.height.min(GRIP.1 as u32), screen.y, screen.height);
            across >= GRIP.0 && down >= GRIP.1
        })?;
        Some(Area { width: self.width.min(held.width), height: self.height.min(held.height), ..self })
    }
}

fn overlap(at: i32, length: u32, other: i32, other_length: u32) -> i64 {
    let (at, other) = (i64::from(at), i64::from(other));
    (at + i64::from(length)).min(other + i64::from(other_length)) - at.max(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Area = Area { x: 0, y: 0, width: 1440, height: 900 };
    const RIGHT: Area = Area { x: 1440, y: 0, width: 1920, height: 1080 };

    fn at(x: i32, y: i32) -> Area {
        Area { x, y, width: 1280, height: 860 }
    }

    #[test]
    fn a_window_on_a_screen_that_is_there_stays_where_it_was() {
        assert_eq!(at(100, 20).on(&[LEFT, RIGHT]), Some(at(100, 20)));
        assert_eq!(at(1500, 90).on(&[LEFT, RIGHT]), Some(at(1500, 90)));
    }

    #[test]
    fn a_window_on_a_screen_that_is_gone_or_out_of_reach_is_placed_anew() {
        assert_eq!(at(1500, 90).on(&[LEFT]), None);
        assert_eq!(at(100, -200).on(&[LEFT]), None, "its upper edge cannot be reached");
        assert_eq!(at(1400, 0).on(&[LEFT]), None, "only forty pixels of it are in sight");
        assert_eq!(at(i32::MAX, i32::MIN).on(&[LEFT]), None);
        assert_eq!(at(0, 0).on(&[]), None);
    }

    #[test]
    fn a_window_is_never_larger_than_the_screen_it_is_on() {
        let large = Area { x: 0, y: 0, width: 4000, height: 3000 };
        assert_eq!(large.on(&[LEFT]), Some(Area { x: 0, y: 0, width: 1440, height: 900 }));
    }
}
