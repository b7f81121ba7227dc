//! The Secret Service (freedesktop.org Secret Service API, draft 0.2).

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use secret_service::{Collection, EncryptionType, Error, Item, SecretService as Service};
use zbus::Connection;

/// How long a keychain may take that asks nobody.
const ANSWER: Duration = Duration::from_secs(5);
/// How long somebody may take to unlock it.
const UNLOCK: Duration = Duration::from_secs(120);
/// Attributes by which an item is found. They are not secret.
const APPLICATION: (&str, &str) = ("application", "scimscope");
const NAME: &str = "target";
const KIND: &str = "kind";

/// Why something could not be done, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no keychain; the text says why.
    None(String),
    /// It stayed locked: nobody unlocked it, or somebody refused.
    Locked,
    /// It did not do what it should; the text says why.
    Failed(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::None(why) => write!(f, "this desktop has no keychain: {why}"),
            Problem::Locked => f.write_str("the keychain stayed locked"),
            Problem::Failed(why) => write!(f, "the keychain failed: {why}"),
        }
    }
}

impl std::error::Error for Problem {}

/// The Secret Service of a bus. Cheap to clone. Every call connects anew, so that a keychain that is started later is found.
#[derive(Clone, Debug, Default)]
pub struct SecretService {
    /// The address of the bus; that of the session if there is none.
    bus: Option<String>,
}

impl SecretService {
    /// That of a bus with this address instead of the session's.
    pub fn at(bus: impl Into<String>) -> SecretService {
        SecretService { bus: Some(bus.into()) }
    }

    /// What kind of secret is kept under a name, if one is. Nobody is asked for anything.
    pub async fn find(&self, name: &str) -> Result<Option<String>, Problem> {
        soon(async {
            let service = self.connect().await?;
            let Some(item) = item(&service, name).await? else { return Ok(None) };
            let mut attributes = item.get_attributes().await.map_err(failed)?;
            Ok(Some(attributes.remove(KIND).unwrap_or_default()))
        })
        .await
    }

    /// The secret that is kept under a name, if one is. Somebody may have to unlock the keychain first.
    pub async fn get(&self, name: &str) -> Result<Option<String>, Problem> {
        let service = soon(self.connect()).await?;
        let Some(item) = soon(item(&service, name)).await? else { return Ok(None) };
        unlocked(item.unlock()).await?;
        let secret = soon(async { item.get_secret().await.map_err(failed) }).await?;
        String::from_utf8(secret).map(Some).map_err(|_| Problem::Failed("what is kept is no text".to_owned()))
    }

    /// Keeps a secret under a name, over the one that is there. `label` is what people see in their keychain. Somebody may have
    /// to unlock it first.
    pub async fn put(&self, name: &str, kind: &str, label: &str, secret: &str) -> Result<(), Problem> {
        let service = soon(self.connect()).await?;
        let collection = soon(collection(&service)).await?;
        unlocked(collection.unlock()).await?;
        soon(async {
            // Another kind under the same name would be another item.
            if let Some(before) = item(&service, name).await? {
                before.delete().await.map_err(failed)?;
            }
            let attributes = HashMap::from([APPLICATION, (NAME, name), (KIND, kind)]);
            let made = collection.create_item(label, attributes, secret.as_bytes(), true, "text/plain").await;
            made.map(drop).map_err(failed)
        })
        .await
    }

    /// Forgets the secret under a name; tells whether there was one.
    pub async fn delete(&self, name: &str) -> Result<bool, Problem> {
        let service = soon(self.connect()).await?;
        let Some(item) = soon(item(&service, name)).await? else { return Ok(false) };
        unlocked(item.unlock()).await?;
        soon(async { item.delete().await.map_err(failed) }).await?;
        Ok(true)
    }

    async fn connect(&self) -> Result<Service<'static>, Problem> {
        let bus = match &self.bus {
            Some(address) => match zbus::connection::Builder::address(address.as_str()) {
                Ok(builder) => builder.build().await,
                Err(error) => Err(error),
            },
            None => Connection::session().await,
        };
        let bus = bus.map_err(|error| Problem::None(error.to_string()))?;
        Service::connect_with_existing(EncryptionType::Dh, bus).await.map_err(|error| match error {
            Error::Unavailable => Problem::None("nobody answers as the Secret Service".to_owned()),
            other => Problem::None(other.to_string()),
        })
    }
}

async fn item<'a>(service: &'a Service<'static>, name: &str) -> Result<Option<Item<'a>>, Problem> {
    let found = service.search_items(HashMap::from([APPLICATION, (NAME, name)])).await.map_err(failed)?;
    Ok(found.unlocked.into_iter().chain(found.locked).next())
}

/// Where new items go: the user's own, made if the keychain is new.
async fn collection<'a>(service: &'a Service<'static>) -> Result<Collection<'a>, Problem> {
    match service.get_default_collection().await {
        Err(Error::NoResult) => service.create_collection("Login", "default").await.map_err(failed),
        other => other.map_err(failed),
    }
}

fn failed(error: Error) -> Problem {
    match error {
        Error::Locked | Error::Prompt => Problem::Locked,
        Error::Unavailable => Problem::None("nobody answers as the Secret Service".to_owned()),
        other => Problem::Failed(other.to_string()),
    }
}

/// What asks nobody has to be done soon.
async fn soon<T>(doing: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    let late = || Problem::Failed(format!("it did not answer within {} s", ANSWER.as_secs()));
    tokio::time::timeout(ANSWER, doing).await.unwrap_or_else(|_| Err(late()))
}

/// Waits for somebody to unlock it.
async fn unlocked(doing: impl Future<Output = Result<(), Error>>) -> Result<(), Problem> {
    match tokio::time::timeout(UNLOCK, doing).await {
        Ok(done) => done.map_err(failed),
        Err(_) => Err(Problem::Locked),
    }
}
