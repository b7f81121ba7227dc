//! An app to talk to.

use std::net::SocketAddr;
use std::path::Path;

use app::config::{Config, Workspace};
use app::running::App;
use replay::Target;

pub const TOKEN: &str = "a-token-of-this-test";

/// A free port of this machine.
pub fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// An app in a temporary workspace with this profile.
pub async fn app(profile: &str) -> App {
    start(Config { profile: Some(profile.into()), ..config() }).await
}

/// An app that keeps its workspace in this file.
pub async fn app_in(file: &Path) -> App {
    start(Config { workspace: Workspace::File(file.to_owned()), ..config() }).await
}

/// What tests start apps with, unless they say otherwise.
pub fn config() -> Config {
    Config { listen: any_port(), token: Some(TOKEN.into()), ..Config::default() }
}

async fn start(config: Config) -> App {
    App::start(config).await.unwrap_or_else(|error| panic!("{error:#}"))
}

/// The app as a target of the player.
pub fn target(app: &App) -> Target {
    Target { base: app.scim_url().to_owned(), token: app.token().to_owned() }
}

/// The address of its SCIM listener.
pub fn address(app: &App) -> SocketAddr {
    let rest = app.scim_url().strip_prefix("http://").and_then(|rest| rest.split('/').next());
    rest.and_then(|address| address.parse().ok()).expect("an address")
}
