//! How everything is wired and brought up, in the one order that works: what is saved is read before anything is answered,
//! and both addresses are bound before either serves.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use control::facts::{Exposure, Facts, StorageState, WorkspaceKind};
use control::{Control, Parts};
use directory::{Directory, Saved};
use journal::{Durability, Journal, Options, Place};
use listener::Listener;
use provider::{Profile, Provider, ProviderConfig};
use scim::schema::Registry;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use traffic::entry::{Entry, State};
use traffic::log::Log;

use crate::config::{Config, ControlAccess, Workspace};
use crate::ports::{RandomIds, SystemClock, SystemEntropy};
use crate::running::{Access, App};
use crate::token;
use crate::{annotate, follow};

/// Where settings of the workspace are kept among its documents.
pub(crate) const SETTINGS: &str = "settings";

pub(crate) async fn start(config: Config) -> anyhow::Result<App> {
    let registry = Arc::new(registry(&config)?);
    let profile_asked = config.profile.as_deref().map(profile).transpose()?;

    let place = match &config.workspace {
        Workspace::Temporary => Place::Temporary,
        Workspace::File(path) => Place::File(path.clone()),
    };
    let durability = config.durability.unwrap_or(match config.workspace {
        Workspace::Temporary => Durability::Relaxed,
        Workspace::File(_) => Durability::Acknowledged,
    });
    let journal = Arc::new(Journal::open(&place, &Options { durability, ..Options::default() })?);
    let loaded = journal.load()?;
    if !loaded.interrupted.is_empty() {
        tracing::warn!(
            "{} requests were open when the last run ended; they are kept as aborted",
            loaded.interrupted.len()
        );
    }
    let mut directory = Directory::new(Arc::clone(&registry));
    for tenant in loaded.tenants {
        if tenant.name == provider::DEFAULT_TENANT_NAME {
            let resources = tenant.resources.into_iter().map(|resource| Saved {
                resource_type: resource.resource_type,
                document: Arc::unwrap_or_clone(resource.document),
                version: resource.version,
            });
            directory = Directory::resume(Arc::clone(&registry), tenant.revision.0, resources)
                .with_context(|| format!("the directory in {} cannot be taken up again", journal.path().display()))?;
        }
    }
    let loaded_through = loaded.last_pos;
    let log = Arc::new(Log::resume(loaded.exchanges, loaded_through));
    let profile = match profile_asked {
        Some(profile) => profile,
        None => saved_profile(&journal)?,
    };
    let token = match config.token {
        Some(token) => token,
        None => saved_token(&journal)?,
    };
    let parts = ProviderConfig {
        registry,
        profile: profile.clone(),
        token: token.clone(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        entropy: Arc::new(SystemEntropy),
        log: Arc::clone(&log),
    };
    let provider = Provider::with_directory(parts, Arc::new(directory));

    let acknowledged = durability != Durability::Relaxed;
    let listener = bind_scim(config.listen, config.fallback_ports, acknowledged).await?;
    let address = listener.local_addr();
    let scim_url = format!("http://{}{}", reachable(address), provider.tenant().base_path());
    journal.record(Arc::clone(&log))?;
    let listening = State { what: "listening".into(), detail: format!("{scim_url}, profile {}", profile.name) };
    log.append(Entry::State(Arc::new(listening)));

    let facts = Facts {
        version: env!("CARGO_PKG_VERSION").into(),
        workspace: workspace_facts(&journal),
        scim_url: scim_url.clone(),
        requested_port: config.listen.port(),
        actual_port: address.port(),
        exposure: if address.ip().is_loopback() { Exposure::Local } else { Exposure::Lan },
        scim_token: token.clone(),
    };
    let page = !matches!(config.control, ControlAccess::Http { page: false, .. });
    let control = Control::new(Parts { log: Arc::clone(&log), provider: provider.clone(), facts, page });

    let stopping = watch::Sender::new(false);
    let mut servers = Vec::new();
    let mut access = None;
    if let ControlAccess::Http { listen, token, .. } = config.control {
        let socket = bind(listen, "--control").await?;
        let bound = socket.local_addr()?;
        let token = match token {
            Some(token) => token,
            None => token::random()?,
        };
        let router = control::guarded(control.clone(), &token, bound);
        let (control, stop) = (control.clone(), stopped(&stopping));
        servers.push(tokio::spawn(async move {
            let closing = async move {
                stop.await;
                // Event streams never end by themselves; draining would wait for them.
                control.close();
            };
            if let Err(error) = axum::serve(socket, router).with_graceful_shutdown(closing).await {
                tracing::error!("the control API ended: {error}");
            }
        }));
        access = Some(Access { url: format!("http://{}", reachable(bound)), token });
    }
    // Whatever was loaded has its annotations already.
    let followers = vec![
        tokio::spawn(annotate::run(Arc::clone(&log), loaded_through)),
        tokio::spawn(follow::run(Arc::clone(&log), control.clone(), Arc::clone(&journal), loaded_through)),
    ];
    servers.push(tokio::spawn(listener.run(Arc::new(provider), Arc::clone(&log), stopped(&stopping))));
    Ok(App { log, scim_url, token, control, access, stopping, servers, followers, journal })
}

fn registry(config: &Config) -> anyhow::Result<Registry> {
    let read =
        |path: &Path| std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()));
    let mut schemas = Vec::new();
    let mut types = Vec::new();
    if let Some(path) = &config.schemas {
        schemas = Registry::read_schemas(&read(path)?).with_context(|| format!("in {}", path.display()))?;
    }
    if let Some(path) = &config.resource_types {
        types = Registry::read_resource_types(&read(path)?).with_context(|| format!("in {}", path.display()))?;
    }
    Registry::builtin().with(schemas, types).context("the schemas and resource types do not fit together")
}

fn profile(name: &str) -> anyhow::Result<Profile> {
    match Profile::preset(name) {
        Some(profile) => Ok(profile),
        None => bail!("there is no profile {name:?}; there are: {}", Profile::names().join(", ")),
    }
}

/// The profile that the workspace was left with.
fn saved_profile(journal: &Journal) -> anyhow::Result<Profile> {
    let stored = journal.get_document(SETTINGS, "profile")?;
    let name = stored.as_ref().and_then(|stored| stored.json["name"].as_str()).unwrap_or("tolerant");
    profile(name)
}

/// The token that the workspace has, or a new one that it has from now on.
fn saved_token(journal: &Journal) -> anyhow::Result<String> {
    let stored = journal.get_document(SETTINGS, "token")?;
    if let Some(token) = stored.as_ref().and_then(|stored| stored.json["token"].as_str()) {
        return Ok(token.to_owned());
    }
    let token = token::random()?;
    journal.put_document(SETTINGS, "token", &json!({ "token": token }))?;
    Ok(token)
}

fn workspace_facts(journal: &Journal) -> control::facts::Workspace {
    control::facts::Workspace {
        kind: if journal.is_temporary() { WorkspaceKind::Temporary } else { WorkspaceKind::File },
        path: Some(journal.path().display().to_string()),
        durability: match journal.durability() {
            Durability::Relaxed => control::facts::Durability::Relaxed,
            Durability::Acknowledged => control::facts::Durability::Acknowledged,
            Durability::PowerSafe => control::facts::Durability::PowerSafe,
        },
        state: StorageState::Working,
        problem: None,
    }
}

async fn bind_scim(address: SocketAddr, fallback_ports: u16, acknowledged: bool) -> anyhow::Result<Listener> {
    let config = listener::Config { acknowledged, ..listener::Config::default() };
    let bound = match fallback_ports {
        0 => Listener::bind(address, config).await,
        tries => Listener::bind_or_next(address, tries, config).await,
    };
    bound.map_err(|error| cannot_listen(address, "--listen", error))
}

async fn bind(address: SocketAddr, option: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| cannot_listen(address, option, error))
}

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
    anyhow::anyhow!("cannot listen at {address}: {advice}")
}

/// The address as a client on this machine writes it.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => SocketAddr::from(([127, 0, 0, 1], v4.port())),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, v6.port())),
        other => other,
    }
}

/// Resolves when stopping begins.
fn stopped(stopping: &watch::Sender<bool>) -> impl Future<Output = ()> + Send + 'static {
    let mut stopping = stopping.subscribe();
    async move {
        // An error means that the app is gone, which is stopping too.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }
}
