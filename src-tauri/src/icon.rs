//! The icon of the tray: the app's, with a dot that tells how the server does.

/// How the server does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It takes requests.
    #[default]
    Listening,
    /// Clients are asked to come later.
    Paused,
    /// Something is wrong that a person should know.
    Error,
}

/// Width and height, in pixels; trays scale it.
pub const SIDE: usize = 48;

/// The dot of a state, as red, green, blue.
fn dot(state: State) -> [u8; 3] {
    match state {
        State::Listening => [0x2f, 0xa3, 0x5f],
        State::Paused => [0xc9, 0x8a, 0x12],
        State::Error => [0xd9, 0x3a, 0x3a],
    }
}

/// The icon as the tray protocol has it: alpha, red, green, blue, row by row. `rgba` is a square of that side.
pub fn argb(rgba: &[u8], side: usize, state: State) -> Vec<u8> {
    let mut out = Vec::with_capacity(SIDE * SIDE * 4);
    let [red, green, blue] = dot(state);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let [r, g, b, a] = shrunk(rgba, side, x, y);
            // A ring without colour around the dot keeps it apart from the icon. An error has a larger dot and a pause two bars, for
            // those who do not see the colours.
            let (centre, radius) = if state == State::Error { (34.0, 12.5) } else { (38.0, 8.5) };
            let bars = state == State::Paused && (29..47).contains(&y) && matches!(x, 30..=35 | 40..=45);
            let away = ((x as f32 - centre).powi(2) + (y as f32 - centre).powi(2)).sqrt();
            out.extend(match away {
                _ if state == State::Paused => match bars {
                    true => [255, red, green, blue],
                    false if x >= 27 && y >= 26 => [0, 0, 0, 0],
                    false => [a, r, g, b],
                },
                away if away <= radius => [255, red, green, blue],
                away if away <= radius + 2.5 => [0, 0, 0, 0],
                _ => [a, r, g, b],
            });
        }
    }
    out
}

/// The mean of the pixels that one pixel of the icon stands for.
fn shrunk(rgba: &[u8], side: usize, x: usize, y: usize) -> [u8; 4] {
    let range = |at: usize| at * side / SIDE..((at + 1) * side / SIDE).max(at * side / SIDE + 1);
    let (mut colours, mut alphas, mut count) = ([0u32; 3], 0u32, 0u32);
    for row in range(y) {
        for column in range(x) {
            let at = (row * side + column) * 4;
            let Some(&[r, g, b, a]) = rgba.get(at..at + 4) else { continue };
            // What cannot be seen has no colour to give.
            for (sum, channel) in colours.iter_mut().zip([r, g, b]) {
                *sum += u32::from(channel) * u32::from(a);
            }
            alphas += u32::from(a);
            count += 1;
        }
    }
    if alphas == 0 {
        return [0; 4];
    }
    let [r, g, b] = colours.map(|sum| (sum / alphas) as u8);
    [r, g, b, (alphas / count) as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(icon: &[u8], x: usize, y: usize) -> [u8; 4] {
        icon[(y * SIDE + x) * 4..][..4].try_into().unwrap()
    }

    #[test]
    fn the_icon_is_the_apps_with_a_dot_that_differs_in_colour_and_size() {
        for side in [24, 48, 512] {
            let blue = [10, 20, 200, 255].repeat(side * side);
            let (well, ill) = (argb(&blue, side, State::Listening), argb(&blue, side, State::Error));
            assert_eq!(well.len(), SIDE * SIDE * 4);
            assert_eq!(at(&well, 2, 2), [255, 10, 20, 200], "the icon itself, alpha first");
            assert_eq!(at(&well, 38, 38), [255, 0x2f, 0xa3, 0x5f]);
            assert_eq!(at(&ill, 34, 34), [255, 0xd9, 0x3a, 0x3a]);
            assert_eq!(at(&well, 27, 27), [255, 10, 20, 200]);
            let paused = argb(&blue, side, State::Paused);
            assert_eq!((at(&paused, 32, 38)[1], at(&paused, 38, 38)), (0xc9, [0, 0, 0, 0]), "two bars");
            assert_ne!(at(&ill, 27, 27), [255, 10, 20, 200], "the dot of an error is larger");
        }
    }

    #[test]
    fn what_cannot_be_seen_has_no_colour_to_give() {
        let mut half = [0, 0, 0, 0].repeat(96 * 96);
        half[..4].copy_from_slice(&[200, 100, 50, 255]);
        assert_eq!(at(&argb(&half, 96, State::Listening), 0, 0), [63, 200, 100, 50]);
    }
}
