//! `serve --tls` and `scimscope ca`: encrypted connections, and the authority that vouches for them.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use app::encryption::{self, Encryption, is_name};
use clap::Args;

/// How `serve` encrypts.
#[derive(Args)]
pub struct Tls {
    /// Speak https, with a certificate of this machine's own authority; it is made if there is none. Clients have to trust the
    /// authority: `scimscope ca` prints where its certificate is.
    #[arg(long, conflicts_with = "tls_cert")]
    tls: bool,
    /// Where that authority is kept.
    #[arg(long, value_name = "FOLDER", env = FOLDER, requires = "tls")]
    tls_folder: Option<PathBuf>,
    /// Another name or address under which clients reach the server. Can be given several times. localhost, the name of this
    /// machine and the address of --listen are there in any case.
    #[arg(long = "tls-name", value_name = "NAME", requires = "tls")]
    tls_names: Vec<String>,
    /// Speak https, with this certificate: a file with that of the server and those that vouch for it (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of --tls-cert (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

const FOLDER: &str = "SCIMSCOPE_TLS_FOLDER";

/// Options of `scimscope ca`.
#[derive(Args)]
pub struct Ca {
    /// Where the authority is kept.
    #[arg(long, value_name = "FOLDER", env = FOLDER)]
    tls_folder: Option<PathBuf>,
}

impl Tls {
    /// How the listeners encrypt.
    pub fn encryption(self) -> anyhow::Result<Encryption> {
        if let (Some(certificate), Some(key)) = (self.tls_cert, self.tls_key) {
            return Ok(Encryption::Given { certificate, key });
        }
        if !self.tls {
            return Ok(Encryption::None);
        }
        if let Some(wrong) = self.tls_names.iter().find(|name| !is_name(name)) {
            bail!("--tls-name {wrong:?} is no name and no address; write one like scim.example.com or 192.0.2.7");
        }
        Ok(Encryption::Own { folder: folder(self.tls_folder)?, names: self.tls_names })
    }
}

/// Prints where the certificate of the authority is; it is made if there is none.
pub fn ca(arguments: Ca) -> anyhow::Result<()> {
    let path = encryption::authority(&folder(arguments.tls_folder)?)?;
    writeln!(std::io::stdout(), "{}", path.display()).context("standard output is closed")
}

/// The folder that was given, or the one for data of programs (XDG base directory specification).
fn folder(given: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    if let Some(folder) = given {
        return Ok(folder);
    }
    let base = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = base.or_else(|| std::env::home_dir().map(|home| home.join(".local/share")));
    let base =
        base.context("there is no home folder to keep the certificate authority in; name one with --tls-folder")?;
    Ok(base.join("scimscope").join("tls"))
}
