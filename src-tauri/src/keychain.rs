//! The keychain of the desktop, for the control API.

use std::sync::Arc;

use control::ports::{Keychain, Pending};

/// The keychain of this system, if it is one that is known.
pub fn of_this_system() -> Option<Arc<dyn Keychain>> {
    #[cfg(target_os = "linux")]
    return Some(Arc::new(Desktop::default()));
    #[cfg(not(target_os = "linux"))]
    None
}

/// The Secret Service of the session.
#[cfg(target_os = "linux")]
#[derive(Debug, Default)]
struct Desktop(::keychain::SecretService);

#[cfg(target_os = "linux")]
impl Keychain for Desktop {
    fn find(&self, name: &str) -> Pending<Result<Option<String>, String>> {
        let (service, name) = (self.0.clone(), name.to_owned());
        Box::pin(async move { service.find(&name).await.map_err(|problem| problem.to_string()) })
    }

    fn get(&self, name: &str) -> Pending<Result<Option<String>, String>> {
        let (service, name) = (self.0.clone(), name.to_owned());
        Box::pin(async move { service.get(&name).await.map_err(|problem| problem.to_string()) })
    }

    fn put(&self, name: &str, kind: &str, label: &str, secret: &str) -> Pending<Result<(), String>> {
        let service = self.0.clone();
        let [name, kind, label, secret] = [name, kind, label, secret].map(str::to_owned);
        Box::pin(async move { service.put(&name, &kind, &label, &secret).await.map_err(|problem| problem.to_string()) })
    }

    fn delete(&self, name: &str) -> Pending<Result<bool, String>> {
        let (service, name) = (self.0.clone(), name.to_owned());
        Box::pin(async move { service.delete(&name).await.map_err(|problem| problem.to_string()) })
    }
}
