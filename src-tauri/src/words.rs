//! What the host itself says: in the tray and in notifications, where no page is.

/// The name of the product.
pub const NAME: &str = "Scimscope";
/// The line of the tray's menu that brings the window to the front.
pub const SHOW: &str = "Show Scimscope";
/// The line of the tray's menu that ends everything.
pub const QUIT: &str = "Quit Scimscope";
/// What a click on a notification does.
pub const LOOK: &str = "Show";
/// When nothing has arrived yet.
pub const NOTHING_YET: &str = "No request yet";
/// The heading of a notification of the first request after a quiet period.
pub const FIRST: &str = "A request arrived";
/// The heading of a notification of an error of a kind that is new.
pub const NEW_ERROR: &str = "A request failed in a new way";

/// The server takes requests here.
pub fn listening(url: &str) -> String {
    format!("Listening at {url}")
}

/// Clients are asked to come later.
pub const PAUSED: &str = "Paused: clients are asked to come later";
/// The line of the tray's menu that has clients come later.
pub const PAUSE: &str = "Pause";
/// The line of the tray's menu that answers them again.
pub const RESUME: &str = "Resume";

/// The workspace cannot be written.
pub fn storage(problem: &str) -> String {
    format!("In memory only: {problem}")
}

/// A text as a line of a menu: short, in one line, and no character taken for a mnemonic.
pub fn line(text: &str, most: usize) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match plain.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", plain[..end].trim_end()),
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_line_is_short_and_one_line() {
        assert_eq!(super::line("Entra disabled Ada", 40), "Entra disabled Ada");
        assert_eq!(super::line("a\nb\u{202e}", 40), "a b\u{202e}");
        assert_eq!(super::line("größer als erlaubt", 6), "größer…");
    }
}
