//! Binding addresses, with errors for people.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;

use listener::onward::Onward;
use listener::{Acknowledged, Listener, Tls};
use tokio::net::TcpListener;

/// A listener for SCIM; `fallback_ports` following ones are tried when the port is taken.
pub(crate) async fn scim(
    address: SocketAddr,
    fallback_ports: u16,
    acknowledged: Acknowledged,
    tls: Option<Tls>,
    onward: Arc<dyn Onward>,
) -> anyhow::Result<Listener> {
    let config = listener::Config { acknowledged, tls, onward: Some(onward), ..listener::Config::default() };
    let bound = match fallback_ports {
        0 => Listener::bind(address, config).await,
        tries => Listener::bind_or_next(address, tries, config).await,
    };
    bound.map_err(|error| cannot_listen(address, "--listen", error))
}

/// A socket for the control API.
pub(crate) async fn control(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| cannot_listen(address, "--control", error))
}

/// An address at which nobody can listen, with advice for people.
#[derive(Debug, PartialEq, Eq)]
pub struct CannotListen {
    message: String,
    in_use: bool,
}

impl CannotListen {
    /// Whether another program listens there.
    pub fn is_in_use(&self) -> bool {
        self.in_use
    }
}

impl std::fmt::Display for CannotListen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CannotListen {}

fn cannot_listen(address: SocketAddr, option: &str, error: std::io::Error) -> anyhow::Error {
    let advice = match error.kind() {
        ErrorKind::AddrInUse => {
            format!("another program listens there already; stop it, or choose another port with {option}")
        }
        ErrorKind::AddrNotAvailable => {
            format!("this machine does not have that address; choose one of its own with {option}")
        }
        ErrorKind::PermissionDenied => {
            format!("this user may not listen there; choose a port above 1023 with {option}")
        }
        _ => error.to_string(),
    };
    let message = format!("cannot listen at {address}: {advice}");
    CannotListen { message, in_use: error.kind() == ErrorKind::AddrInUse }.into()
}
