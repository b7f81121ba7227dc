//! How everything is wired and brought up, in the one order that works: what is saved is read before anything is answered,
//! and both addresses are bound before either serves.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use anyhow::{Context, bail};
use control::Desk;
use formats::seed::{Generator, Recipe};
use listener::Acknowledged;
use listener::onward::Onward;
use provider::Provider;
use scim::schema::{Registry, presets};
use tokio::sync::{Mutex, watch};
use traffic::entry::{Entry, State};
use traffic::log::Log;

use crate::config::{Config, ControlAccess};
use crate::house::House;
use crate::opened::Opened;
use crate::recent::Recent;
use crate::running::{Access, App};
use crate::serving::Serving;
use crate::steered::Steered;
use crate::upstreams::Upstreams;
use crate::workspaces::Doors;
use crate::{bind, demo, encryption, token};

pub(crate) async fn start(config: Config) -> anyhow::Result<App> {
    let registry = Arc::new(registry(&config)?);
    let scenario = config.demo.as_ref().map(demo::scenario).transpose()?.flatten();
    let steered = Arc::new(Steered::new(config.clock, config.ids));
    let opened = Opened::open(&config, &registry, &steered, &config.workspace)?;
    let acknowledged = Acknowledged::default();
    let encrypted = encryption::open(&config.encryption, config.listen)?;
    let tls = encrypted.as_ref().map(|(tls, _)| tls.clone());
    let onward: Arc<dyn Onward> = Arc::new(Upstreams::default());
    let listener = bind::scim(config.listen, config.fallback_ports, acknowledged.clone(), tls, onward.clone()).await?;
    let address = listener.local_addr();
    let scheme = if encrypted.is_some() { "https" } else { "http" };
    let scim_url = format!("{scheme}://{}{}", reachable(address), opened.provider.tenant().base_path());
    let (mut control_socket, mut access) = (None, None);
    if let ControlAccess::Http { listen, token, .. } = &config.control {
        let socket = bind::control(*listen).await?;
        let bound = socket.local_addr()?;
        let token = match token {
            Some(token) => token.clone(),
            None => token::random()?,
        };
        access = Some(Access { url: format!("http://{}", reachable(bound)), token });
        control_socket = Some((socket, bound));
    }
    if let Some(recipe) = config.seed.clone() {
        seed(&opened.provider, &opened.log, recipe).await?;
    }
    let house = Arc::new(House {
        scim_url,
        address,
        encrypted,
        acknowledged,
        onward,
        page: !matches!(config.control, ControlAccess::Http { page: false, .. }),
        access,
        recent: config.recent.clone().map(Recent::new),
        desk: OnceLock::new(),
        serving: Mutex::new(None),
        registry,
        steered,
        config,
    });
    let serving = Serving::begin(opened, listener, &house).await;
    house.remember(&serving);
    let desk = Desk::new(serving.control.clone(), Arc::new(Doors(Arc::downgrade(&house))));
    let desk = house.desk.get_or_init(|| desk).clone();
    *house.serving.lock().await = Some(serving);

    let stopping = watch::Sender::new(false);
    let mut servers = Vec::new();
    if let (Some((socket, bound)), Some(Access { token, .. })) = (control_socket, &house.access) {
        let router = control::guarded(desk.clone(), token, bound);
        let (desk, stop) = (desk.clone(), stopped(&stopping));
        servers.push(tokio::spawn(async move {
            let closing = async move {
                stop.await;
                // Event streams never end by themselves; draining would wait for them.
                desk.close();
            };
            if let Err(error) = axum::serve(socket, router).with_graceful_shutdown(closing).await {
                tracing::error!("the control API ended: {error}");
            }
        }));
    }
    if let Some(demo) = house.config.demo.clone() {
        let config = Arc::new(house.config.clone());
        let (running, stop) =
            (demo::run(desk.clone(), config, demo, scenario, house.scim_url.clone()), stopped(&stopping));
        servers.push(tokio::spawn(async move {
            tokio::select! {
                () = running => {}
                () = stop => {}
            }
        }));
    }
    Ok(App { house, desk, stopping, servers })
}

/// Makes up what the default directory begins with. One that has something already is left as it is.
pub(crate) async fn seed(provider: &Provider, log: &Log, recipe: Recipe) -> anyhow::Result<()> {
    let tenant = provider.tenant();
    let there = tenant.directory().root().len();
    if there > 0 {
        tracing::info!("the directory has {there} resources, so none are made up");
        return Ok(());
    }
    let title = format!("{} users and {} groups from seed {} made up", recipe.users, recipe.groups, recipe.seed);
    let generator = Generator::new(recipe).context("the directory cannot be made up")?;
    let provider = provider.clone();
    let made = move || control::populating::seed(&provider, &tenant, &generator, false, &mut |_| true);
    tokio::task::spawn_blocking(made).await?.context("the directory cannot be made up")?;
    tracing::info!("{title}");
    log.append(Entry::State(Arc::new(State { what: "directory".into(), detail: title })));
    Ok(())
}

fn registry(config: &Config) -> anyhow::Result<Registry> {
    let read =
        |path: &Path| std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()));
    let mut common = Registry::builtin();
    for name in &config.schema_presets {
        let Some(preset) = presets::named(name) else {
            let known: Vec<&str> = presets::all().iter().map(|preset| preset.name).collect();
            bail!("there are no ready schemas {name:?}; there are {}", known.join(", "));
        };
        common = common.with_preset(preset).with_context(|| format!("the ready schemas {name} do not fit"))?;
    }
    let mut schemas = Vec::new();
    let mut types = Vec::new();
    if let Some(path) = &config.schemas {
        schemas = Registry::read_schemas(&read(path)?).with_context(|| format!("in {}", path.display()))?;
    }
    if let Some(path) = &config.resource_types {
        types = Registry::read_resource_types(&read(path)?).with_context(|| format!("in {}", path.display()))?;
    }
    common.with(schemas, types).context("the schemas and resource types do not fit together")
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
