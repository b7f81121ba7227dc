//! A file that is dragged from a file manager and dropped on the window, by the protocol that they speak (XDND 5).

use std::path::Path;

use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, PropMode, SelectionNotifyEvent,
    SelectionRequestEvent, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT, CURRENT_TIME, NONE};

use crate::x11::{Display, until};

/// The other program of a drag.
struct Manager<'a> {
    connection: &'a RustConnection,
    own: Window,
    over: Window,
    list: Atom,
    /// What is dragged: one address a line (RFC 2483).
    text: String,
    /// The last answer to a position: whether a drop would be taken.
    taken: Option<bool>,
    finished: bool,
}

/// Drags a file over the window and drops it at a place of it.
pub async fn drop_file(display: &Display, path: &Path, (x, y): (u32, u32)) {
    let over = display.window().await;
    let (left, top, ..) = display.geometry().await;
    let connection = display.connection();
    let own = connection.generate_id().expect("a number");
    let class = (WindowClass::INPUT_OUTPUT, COPY_FROM_PARENT);
    let (aux, depth) = (CreateWindowAux::new(), COPY_DEPTH_FROM_PARENT);
    connection.create_window(depth, own, display.root(), 0, 0, 1, 1, 0, class.0, class.1, &aux).expect("a window");
    let list = atom(connection, "text/uri-list");
    let text = format!("file://{}\r\n", path.display());
    let mut manager = Manager { connection, own, over, list, text, taken: None, finished: false };
    connection.set_selection_owner(own, atom(connection, "XdndSelection"), CURRENT_TIME).expect("a selection");
    let types = [atom(connection, "XdndActionCopy")];
    connection.change_property32(PropMode::REPLACE, own, types[0], AtomEnum::ATOM, &types).expect("a property");
    manager.say("XdndEnter", [5 << 24, list, NONE, NONE]);
    let (x, y) = (u32::from(left.unsigned_abs()) + x, u32::from(top.unsigned_abs()) + y);
    let action = atom(connection, "XdndActionCopy");
    // A toolkit asks what it is before it says whether it takes it: the hand stays over the window meanwhile.
    until("a window that takes files", || {
        manager.say("XdndPosition", [0, (x << 16) | y, CURRENT_TIME, action]);
        manager.listen();
        (manager.taken == Some(true)).then_some(())
    })
    .await;
    manager.say("XdndDrop", [0, CURRENT_TIME, 0, 0]);
    until("an end of the drag", || {
        manager.listen();
        manager.finished.then_some(())
    })
    .await;
}

fn atom(connection: &RustConnection, name: &str) -> Atom {
    connection.intern_atom(false, name.as_bytes()).expect("asked").reply().expect("an atom").atom
}

impl Manager<'_> {
    fn say(&self, what: &str, [one, two, three, four]: [u32; 4]) {
        let data = [self.own, one, two, three, four];
        let event = ClientMessageEvent::new(32, self.over, atom(self.connection, what), data);
        self.connection.send_event(false, self.over, EventMask::NO_EVENT, event).expect("sent");
        self.connection.flush().expect("sent");
    }

    /// Takes in what came, and hands over what is dragged when it is asked for.
    fn listen(&mut self) {
        while let Some(event) = self.connection.poll_for_event().expect("a connection") {
            match event {
                Event::SelectionRequest(asked) => self.hand_over(&asked),
                Event::ClientMessage(message) if message.type_ == atom(self.connection, "XdndStatus") => {
                    self.taken = Some(message.data.as_data32()[1] & 1 == 1);
                }
                Event::ClientMessage(message) if message.type_ == atom(self.connection, "XdndFinished") => {
                    self.finished = true;
                }
                _ => {}
            }
        }
    }

    fn hand_over(&self, asked: &SelectionRequestEvent) {
        let known = asked.target == self.list;
        if known {
            let text = self.text.as_bytes();
            let (of, at) = (asked.requestor, asked.property);
            self.connection.change_property8(PropMode::REPLACE, of, at, self.list, text).expect("a property");
        }
        let event = SelectionNotifyEvent {
            response_type: x11rb::protocol::xproto::SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: asked.time,
            requestor: asked.requestor,
            selection: asked.selection,
            target: asked.target,
            property: if known { asked.property } else { NONE },
        };
        self.connection.send_event(false, asked.requestor, EventMask::NO_EVENT, event).expect("sent");
        self.connection.flush().expect("sent");
    }
}
