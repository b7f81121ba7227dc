//! Listeners that serve one tenant alone.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use control::ports::{Pending, Sockets};
use listener::onward::Onward;
use listener::{Acknowledged, Listener, Tls};
use provider::Provider;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use traffic::log::Log;

use crate::bind;

/// The listeners of tenants. Cheap to clone; clones are the same listeners.
#[derive(Clone)]
pub(crate) struct OwnPorts {
    shared: Arc<Shared>,
}

struct Shared {
    provider: Provider,
    log: Arc<Log>,
    acknowledged: Acknowledged,
    tls: Option<Tls>,
    onward: Arc<dyn Onward>,
    open: Mutex<HashMap<String, Open>>,
}

struct Open {
    /// As it was asked for.
    asked: SocketAddr,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl OwnPorts {
    pub fn new(
        provider: Provider,
        log: Arc<Log>,
        acknowledged: Acknowledged,
        tls: Option<Tls>,
        onward: Arc<dyn Onward>,
    ) -> OwnPorts {
        let shared = Shared { provider, log, acknowledged, tls, onward, open: Mutex::default() };
        OwnPorts { shared: Arc::new(shared) }
    }

    /// Closes all of them; requests that have begun are finished.
    pub async fn close_all(&self) {
        let open: Vec<Open> = self.shared.open().drain().map(|(_, open)| open).collect();
        for one in &open {
            one.stop.send_replace(true);
        }
        for one in open {
            ended(one).await;
        }
    }
}

impl Shared {
    fn open(&self) -> MutexGuard<'_, HashMap<String, Open>> {
        // Every change is one call of the map; a panic elsewhere leaves it whole.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sockets for OwnPorts {
    fn open(&self, tenant: &str, address: SocketAddr) -> Pending<Result<SocketAddr, String>> {
        let (shared, tenant) = (Arc::clone(&self.shared), tenant.to_owned());
        Box::pin(async move {
            let same = shared.open().get(&tenant).filter(|open| open.asked == address).map(|open| open.address);
            if let Some(address) = same {
                return Ok(address);
            }
            let (acknowledged, onward) = (shared.acknowledged.clone(), shared.onward.clone());
            let listener = bind::scim(address, 0, acknowledged, shared.tls.clone(), onward).await;
            let listener = listener.map_err(|error| error.to_string())?;
            let local = listener.local_addr();
            let stop = watch::Sender::new(false);
            let serving = serve(listener, shared.provider.alone(&tenant), Arc::clone(&shared.log), stop.subscribe());
            let open = Open { asked: address, address: local, stop, serving };
            let before = shared.open().insert(tenant, open);
            if let Some(before) = before {
                close(before).await;
            }
            Ok(local)
        })
    }

    fn close(&self, tenant: &str) -> Pending<()> {
        let open = self.shared.open().remove(tenant);
        Box::pin(async move {
            if let Some(open) = open {
                close(open).await;
            }
        })
    }

    fn address(&self, tenant: &str) -> Option<SocketAddr> {
        self.shared.open().get(tenant).map(|open| open.address)
    }
}

fn serve(listener: Listener, provider: Provider, log: Arc<Log>, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let stopped = async move {
            // An error means that nobody can say stop any more, which is stopping too.
            let _ = stop.wait_for(|stop| *stop).await;
        };
        listener.run(Arc::new(provider), log, stopped).await;
    })
}

async fn close(open: Open) {
    open.stop.send_replace(true);
    ended(open).await;
}

async fn ended(open: Open) {
    if let Err(error) = open.serving.await {
        tracing::error!("the listener at {} ended badly: {error}", open.address);
    }
}
