//! How everything is wired and brought up, in the one order that works: what is saved is read before anything is answered,
//! and both addresses are bound before either serves.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use control::facts::{Exposure, Facts, Recovered, StorageState, WorkspaceKind};
use control::ports::{FLOW_DOCUMENT, FlowDocument, Sockets};
use control::{Control, Parts};
use formats::seed::{Generator, Recipe};
use journal::{Durability, Journal, Options, Place, Resumed};
use listener::Acknowledged;
use provider::Provider;
use scim::schema::{Registry, presets};
use tokio::sync::watch;
use traffic::entry::{Entry, State};
use traffic::ids::FlowId;
use traffic::log::{Budget, Log, Record};

use crate::config::{Config, ControlAccess, Workspace};
use crate::ports::{JournalDocuments, JournalStorage};
use crate::running::{Access, Annotator, App};
use crate::sockets::OwnPorts;
use crate::{annotate, bind, follow, kept, tenants, token};

pub(crate) async fn start(config: Config) -> anyhow::Result<App> {
    let registry = Arc::new(registry(&config)?);
    let place = match &config.workspace {
        Workspace::Temporary => Place::Temporary,
        Workspace::File(path) => Place::File(path.clone()),
    };
    let journal = Arc::new(Journal::open(&place, &Options::default())?);
    let durability = kept::durability(&config, &journal)?;
    journal.set_durability(durability)?;
    journal.set_disk_budget(kept::disk_budget(&config, &journal)?);
    let resumed = journal.resume()?;
    let recovered = kept::recovered(&journal, &resumed)?;
    let Resumed { head, tenants, .. } = resumed;
    let budget = Budget::of(config.memory_budget_bytes);
    let log = Log::resume(head, journal.archive(), budget).context("the newest exchanges cannot be read")?;
    let (log, recorded_through) = (Arc::new(log), head.pos);
    let provider = tenants::take_up(&config, registry, &journal, tenants, Arc::clone(&log))?;
    let default = provider.tenant();
    let id = kept::begin_run(&journal, head.seq)?;

    let acknowledged = Acknowledged::from(durability != Durability::Relaxed);
    let listener = bind::scim(config.listen, config.fallback_ports, acknowledged.clone()).await?;
    let address = listener.local_addr();
    let scim_url = format!("http://{}{}", reachable(address), default.base_path());
    journal.record(Arc::clone(&log))?;
    let listening =
        State { what: "listening".into(), detail: format!("{scim_url}, profile {}", default.profile().name) };
    log.append(Entry::State(Arc::new(listening)));
    if let Some(Recovered { exchanges, through, cut_short }) = recovered {
        let detail = format!(
            "the last run ended without closing the workspace; {exchanges} exchanges of it are here, up to number {through}, \
             {cut_short} of them cut short"
        );
        tracing::warn!("{detail}");
        log.append(Entry::State(Arc::new(State { what: "recovered".into(), detail })));
    }

    if let Some(recipe) = config.seed {
        seed(&provider, &log, recipe).await?;
    }

    let facts = Facts {
        version: env!("CARGO_PKG_VERSION").into(),
        workspace: workspace_facts(&journal, id, recovered),
        scim_url: scim_url.clone(),
        requested_port: config.listen.port(),
        actual_port: address.port(),
        exposure: if address.ip().is_loopback() { Exposure::Local } else { Exposure::Lan },
    };
    let page = !matches!(config.control, ControlAccess::Http { page: false, .. });
    let own_ports = OwnPorts::new(provider.clone(), Arc::clone(&log), acknowledged.clone());
    for tenant in provider.tenants() {
        let Some(address) = tenant.settings().listen else { continue };
        // The tenant is still there below its path, so this is no reason not to start.
        if let Err(why) = own_ports.open(tenant.id(), address).await {
            tracing::error!("tenant {}: {why}", tenant.name());
        }
    }
    let control = Control::new(Parts {
        log: Arc::clone(&log),
        provider: provider.clone(),
        facts,
        page,
        documents: Arc::new(JournalDocuments(Arc::clone(&journal))),
        sockets: Arc::new(own_ports.clone()),
        storage: Arc::new(JournalStorage { journal: Arc::clone(&journal), acknowledged }),
        flows: flow_documents(&journal)?,
        changes: Some(journal.history()),
    });
    let token = control.scim_token();

    let stopping = watch::Sender::new(false);
    let mut servers = Vec::new();
    let mut access = None;
    if let ControlAccess::Http { listen, token, .. } = config.control {
        let socket = bind::control(listen).await?;
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
    // What was recorded before has its annotations already.
    let finish = watch::Sender::new(false);
    let record = Record::new(Arc::clone(&log));
    let annotating = annotate::run(record, control.clone(), config.flow_gap, recorded_through, finish.subscribe());
    let annotator = Annotator { finish, task: tokio::spawn(annotating) };
    let followers = vec![
        tokio::spawn(follow::run(journal.watch_state(), control.clone())),
        tokio::spawn({
            let control = control.clone();
            async move { control.keep_flows().await }
        }),
        tokio::spawn({
            let control = control.clone();
            async move { control.keep_rules().await }
        }),
    ];
    servers.push(tokio::spawn(listener.run(Arc::new(provider), Arc::clone(&log), stopped(&stopping))));
    Ok(App { log, scim_url, token, control, access, stopping, servers, own_ports, annotator, followers, journal })
}

/// Makes up what the default directory begins with. One that has something already is left as it is.
async fn seed(provider: &Provider, log: &Log, recipe: Recipe) -> anyhow::Result<()> {
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

/// What people made of flows in earlier runs. One that cannot be read is left out: the flow is there without it.
fn flow_documents(journal: &Journal) -> anyhow::Result<Vec<(FlowId, FlowDocument)>> {
    let documents = journal.list_documents(FLOW_DOCUMENT)?.into_iter().filter_map(|stored| {
        let document = serde_json::from_value(stored.json);
        match (stored.id.parse(), document) {
            (Ok(id), Ok(document)) => Some((FlowId(id), document)),
            _ => {
                tracing::error!("what was made of flow {:?} cannot be read and is left out", stored.id);
                None
            }
        }
    });
    Ok(documents.collect())
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

fn workspace_facts(journal: &Journal, id: String, recovered: Option<Recovered>) -> control::facts::Workspace {
    control::facts::Workspace {
        id,
        kind: if journal.is_temporary() { WorkspaceKind::Temporary } else { WorkspaceKind::File },
        path: Some(journal.path().display().to_string()),
        durability: kept::to_facts(journal.durability()),
        state: StorageState::Working,
        problem: None,
        recovered,
    }
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
