//! How the SCIM listeners encrypt: with an authority of this machine's own, or with a certificate that somebody else gave.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use control::facts;
use listener::Tls;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use crate::atomic;

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca-key.pem";
const DAY: Duration = Duration::from_secs(86_400);
/// How long an authority lasts.
const AUTHORITY_DAYS: u32 = 3_650;
/// How long a server's certificate lasts; clients refuse longer ones (CA/Browser Forum, 398 days).
const SERVER_DAYS: u32 = 397;

/// With what the SCIM listeners encrypt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// Not at all: plain http.
    #[default]
    None,
    /// With a certificate of an authority that is kept in a folder, and made if there is none.
    Own {
        /// The folder.
        folder: PathBuf,
        /// More names and addresses under which clients reach the server.
        names: Vec<String>,
    },
    /// With a certificate of somebody else.
    Given {
        /// The certificate of the server and those that vouch for it, as PEM.
        certificate: PathBuf,
        /// Its private key, as PEM.
        key: PathBuf,
    },
}

/// Where the certificate of the authority in a folder is; made with its key if there is none.
///
/// # Errors
/// The folder cannot be written or holds only half of it; the text says which file, and what to do.
pub fn authority(folder: &Path) -> anyhow::Result<PathBuf> {
    Authority::open(folder).map(|authority| authority.certificate_at)
}

/// Opens what a configuration says, for a listener at this address.
pub(crate) fn open(encryption: &Encryption, address: SocketAddr) -> anyhow::Result<Option<(Tls, facts::Encryption)>> {
    let (chain, key, authority_pem, authority_path) = match encryption {
        Encryption::None => return Ok(None),
        Encryption::Own { folder, names } => {
            let authority = Authority::open(folder)?;
            let (chain, key) = authority.vouch(&reached_as(address, names))?;
            let path = authority.certificate_at.display().to_string();
            (chain, key, authority.certificate, Some(path))
        }
        Encryption::Given { certificate, key } => {
            let read = |path: &Path, what: &str| {
                std::fs::read_to_string(path).with_context(|| format!("the {what} {} cannot be read", path.display()))
            };
            let chain = read(certificate, "certificate")?;
            (chain.clone(), read(key, "key")?, chain, None)
        }
    };
    let tls =
        Tls::from_pem(&chain, &key).map_err(|why| anyhow::anyhow!("the connections cannot be encrypted: {why}"))?;
    Ok(Some((tls, facts::Encryption { authority_pem, authority_path })))
}

/// The names and addresses under which clients of this machine and others may reach a listener.
fn reached_as(address: SocketAddr, more: &[String]) -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let own = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    names.extend(own.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()));
    if !address.ip().is_unspecified() {
        names.push(address.ip().to_string());
    }
    names.extend(more.iter().cloned());
    names.sort();
    names.dedup();
    names
}

/// Who vouches for the servers of this machine.
struct Authority {
    /// Where its certificate is.
    certificate_at: PathBuf,
    /// Its certificate, as PEM.
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn open(folder: &Path) -> anyhow::Result<Authority> {
        let (certificate_at, key_at) = (folder.join(CERTIFICATE), folder.join(KEY));
        let is_there = |path: &Path| path.try_exists().with_context(|| format!("{} cannot be read", path.display()));
        match (is_there(&certificate_at)?, is_there(&key_at)?) {
            (false, false) => make(folder, &certificate_at, &key_at)?,
            (true, true) => {}
            (has_certificate, _) => {
                let (there, missing) =
                    if has_certificate { (&certificate_at, &key_at) } else { (&key_at, &certificate_at) };
                bail!(
                    "{} is there, but {} is not: put it back, or delete the other one to have both made anew; clients then have \
                     to be given the new certificate",
                    there.display(),
                    missing.display()
                );
            }
        }
        let read =
            |path: &Path| std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()));
        let certificate = read(&certificate_at)?;
        let key = KeyPair::from_pem(&read(&key_at)?)
            .with_context(|| format!("{} holds no private key as PEM", key_at.display()))?;
        // Name and key are all that a signature needs, and both are the same as when the certificate was made.
        Ok(Authority { certificate_at, certificate, issuer: Issuer::new(params(&key)?, key) })
    }

    /// A certificate for these names, with a key of its own that is in no file: the chain and the key, as PEM.
    fn vouch(&self, names: &[String]) -> anyhow::Result<(String, String)> {
        let mut params =
            CertificateParams::new(names).context("a name for the certificate is no name and no address")?;
        params.distinguished_name = named("Scimscope");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let now = SystemTime::now();
        params.not_before = (now - DAY).into();
        params.not_after = (now + SERVER_DAYS * DAY - DAY).into();
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok((certificate.pem() + &self.certificate, key.serialize_pem()))
    }
}

fn make(folder: &Path, certificate_at: &Path, key_at: &Path) -> anyhow::Result<()> {
    let advice = || {
        format!(
            "the certificate authority cannot be kept in {}: choose a folder that can be written, or give a certificate of your own",
            folder.display()
        )
    };
    std::fs::create_dir_all(folder).with_context(advice)?;
    let key = KeyPair::generate()?;
    let mut params = params(&key)?;
    let now = SystemTime::now();
    params.not_before = (now - DAY).into();
    params.not_after = (now + AUTHORITY_DAYS * DAY).into();
    let certificate = params.self_signed(&key)?.pem();
    // The key first: a certificate without one would be given to clients in vain.
    atomic::write(key_at, &key.serialize_pem()).with_context(advice)?;
    atomic::write(certificate_at, &certificate).with_context(advice)?;
    tracing::info!("a certificate authority was made: {}", certificate_at.display());
    Ok(())
}

/// What is the same whenever the authority is opened. Its name holds a part of its key, so that two of them are not mistaken.
fn params(key: &KeyPair) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new())?;
    let mark: String = key.public_key_raw().iter().rev().take(4).map(|byte| format!("{byte:02x}")).collect();
    params.distinguished_name = named(&format!("Scimscope authority {mark}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn named(name: &str) -> DistinguishedName {
    let mut named = DistinguishedName::new();
    named.push(DnType::CommonName, name);
    named
}

/// Whether a text can be a name or an address of a certificate.
pub fn is_name(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || text.is_ascii() && !text.is_empty() && !text.contains(['/', ' ', ':', '@'])
}
