//! What the API says of the machine that it runs on, and of how the page is arranged.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A program that opens a tunnel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TunnelProgram {
    /// Its name: "cloudflared".
    pub name: String,
    /// Its file.
    pub path: String,
}

/// The programs that open a tunnel and are installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TunnelPrograms {
    /// In the order in which they are looked for.
    pub items: Vec<TunnelProgram>,
}

/// The columns of the list of exchanges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListColumns {
    /// Their names in their order, at most 32; none if nobody chose any, and then the page shows its own choice.
    pub columns: Vec<String>,
}
