//! What a person and a window manager do to the window, as the display sees it.

use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConfigureWindowAux, ConnectionExt, EventMask, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

/// A connection to a display.
pub struct Display {
    connection: RustConnection,
    root: Window,
}

/// Position and size of a window.
pub type Geometry = (i16, i16, u16, u16);

impl Display {
    /// Connects to a display: ":99".
    pub fn open(name: &str) -> Display {
        let (connection, screen) = RustConnection::connect(Some(name)).expect("the display");
        let root = connection.setup().roots[screen].root;
        Display { connection, root }
    }

    /// The connection itself.
    pub fn connection(&self) -> &RustConnection {
        &self.connection
    }

    /// The window behind all windows.
    pub fn root(&self) -> Window {
        self.root
    }

    /// The app's window, in sight or not, once it is there.
    pub async fn window(&self) -> Window {
        until("a window", || self.find()).await
    }

    fn find(&self) -> Option<Window> {
        let tree = self.connection.query_tree(self.root).ok()?.reply().ok()?;
        tree.children.into_iter().find(|window| {
            let name = self.connection.get_property(false, *window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 64);
            let named = name.ok().and_then(|name| name.reply().ok()).is_some_and(|name| name.value == b"Scimscope");
            let size = self.geometry_of(*window);
            named && size.is_some_and(|(_, _, width, _)| width > 100)
        })
    }

    /// Waits until the window is in sight, or is not.
    pub async fn wait_until_shown(&self, shown: bool) {
        let what = if shown { "the window in sight" } else { "the window out of sight" };
        until(what, || (self.is_shown() == shown).then_some(())).await;
    }

    /// Whether the window is in sight.
    pub fn is_shown(&self) -> bool {
        let attributes = |window| self.connection.get_window_attributes(window).ok()?.reply().ok();
        self.find().and_then(attributes).is_some_and(|attributes| attributes.map_state == MapState::VIEWABLE)
    }

    /// Asks the window to close, as its frame does (ICCCM 4.2.8).
    pub async fn ask_to_close(&self) {
        let window = self.window().await;
        let atom = |name: &[u8]| self.connection.intern_atom(false, name).unwrap().reply().unwrap().atom;
        let data = [atom(b"WM_DELETE_WINDOW"), 0, 0, 0, 0];
        let event = ClientMessageEvent::new(32, window, atom(b"WM_PROTOCOLS"), data);
        self.connection.send_event(false, window, EventMask::NO_EVENT, event).unwrap();
        self.connection.flush().unwrap();
    }

    /// Moves and sizes the window.
    pub async fn put(&self, (x, y, width, height): Geometry) {
        let window = self.window().await;
        let aux = ConfigureWindowAux::new().x(i32::from(x)).y(i32::from(y));
        let aux = aux.width(u32::from(width)).height(u32::from(height));
        self.connection.configure_window(window, &aux).unwrap();
        self.connection.flush().unwrap();
    }

    /// Where the window is.
    pub async fn geometry(&self) -> Geometry {
        self.geometry_of(self.window().await).expect("a window has a place")
    }

    fn geometry_of(&self, window: Window) -> Option<Geometry> {
        let geometry = self.connection.get_geometry(window).ok()?.reply().ok()?;
        Some((geometry.x, geometry.y, geometry.width, geometry.height))
    }
}

/// Waits until something is so.
pub async fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + crate::screen::PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "there never was {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
