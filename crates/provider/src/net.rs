//! Where a tenant is, as its clients see it: its public URL, and what proxies that it trusts say (RFC 7239).

use core::net::IpAddr;
use std::fmt;
use std::str::FromStr;

use scim::finding::{Finding, Place, Severity};
use serde::{Deserialize, Serialize};

use crate::request::Request;
use crate::tenant::TenantSettings;

/// The URL under which clients reach a tenant.
///
/// With a path it is the whole base URL; without one, the tenant's own base path is added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicUrl(String);

/// Addresses of peers: one, or all that share a prefix, like `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Net {
    address: IpAddr,
    prefix: u8,
}

/// The URL before the endpoints of a tenant, without a slash at its end. Proxies that are not to be believed are noted.
pub(crate) fn base_url(
    request: &Request,
    settings: &TenantSettings,
    base_path: &str,
    findings: &mut Vec<Finding>,
) -> String {
    if let Some(public) = &settings.public_url {
        return public.base(base_path);
    }
    let own = || format!("{}{base_path}", request.base_url.trim_end_matches('/'));
    let mut names = ["Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto"].into_iter();
    let Some((sent, _)) = names.find_map(|name| request.header_fields(name).next()) else { return own() };
    if is_trusted(request.peer, &settings.forwarded_from) {
        let origin = Forwarded::read(request, &settings.forwarded_from).origin(&request.base_url);
        return origin.map_or_else(own, |origin| format!("{origin}{base_path}"));
    }
    let message = format!(
        "{sent} was not regarded: {} is not among the proxies that this tenant believes; declare it there, or set a \
         public URL",
        request.peer
    );
    let place = Place::Header(sent.to_owned());
    findings.push(Finding::new("forwarded-ignored", Severity::Info, place, message));
    own()
}

fn is_trusted(peer: IpAddr, trusted: &[Net]) -> bool {
    trusted.iter().any(|net| net.contains(peer))
}

/// What the proxies before us say of the request that the first of them got.
#[derive(Debug, Default, PartialEq, Eq)]
struct Forwarded {
    scheme: Option<String>,
    host: Option<String>,
    prefix: Option<String>,
}

impl Forwarded {
    /// Reads `Forwarded`, or else the older `X-Forwarded-*`. Each proxy adds at the end; what is on the left of the first
    /// one that is not trusted could be anybody's words.
    fn read(request: &Request, trusted: &[Net]) -> Forwarded {
        if let Some(list) = request.header_list("Forwarded") {
            let hops: Vec<Hop> = list.split(',').map(Hop::read).collect();
            let mut at = hops.len() - 1;
            while at > 0 && hops[at].client.is_some_and(|client| is_trusted(client, trusted)) {
                at -= 1;
            }
            let hop = &hops[at];
            return Forwarded { scheme: hop.scheme.clone(), host: hop.host.clone(), prefix: None };
        }
        let list = |name: &str| -> Vec<String> {
            let values = request.header_list(name).unwrap_or_default();
            values.split(',').map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).collect()
        };
        let clients = list("X-Forwarded-For");
        let is_proxy = |client: &&String| address(client).is_some_and(|client| is_trusted(client, trusted));
        let proxies = clients.iter().rev().take_while(is_proxy).count();
        let heard = |name: &str| {
            let values = list(name);
            values.len().checked_sub(1).map(|last| values[last.saturating_sub(proxies)].clone())
        };
        let prefix = heard("X-Forwarded-Prefix").map(|prefix| prefix.trim_end_matches('/').to_owned());
        Forwarded {
            scheme: heard("X-Forwarded-Proto"),
            host: heard("X-Forwarded-Host"),
            prefix: prefix.filter(|prefix| prefix.starts_with('/') && is_path(prefix)),
        }
    }

    /// Scheme, authority and path prefix; nothing if the proxies said nothing that can be used.
    fn origin(&self, direct: &str) -> Option<String> {
        let scheme = self.scheme.as_deref().map(str::to_ascii_lowercase);
        let scheme = scheme.filter(|scheme| scheme == "http" || scheme == "https");
        let host = self.host.as_deref().filter(|host| is_authority(host));
        if scheme.is_none() && host.is_none() && self.prefix.is_none() {
            return None;
        }
        let (own_scheme, own_host) = direct.split_once("://")?;
        let (scheme, host) = (scheme.as_deref().unwrap_or(own_scheme), host.unwrap_or(own_host.trim_end_matches('/')));
        Some(format!("{scheme}://{host}{}", self.prefix.as_deref().unwrap_or_default()))
    }
}

/// One element of `Forwarded`.
#[derive(Debug, Default)]
struct Hop {
    client: Option<IpAddr>,
    scheme: Option<String>,
    host: Option<String>,
}

impl Hop {
    fn read(element: &str) -> Hop {
        let mut hop = Hop::default();
        for pair in element.split(';') {
            let Some((name, value)) = pair.split_once('=') else { continue };
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "for" => hop.client = address(value),
                "proto" => hop.scheme = Some(value.to_owned()),
                "host" => hop.host = Some(value.to_owned()),
                _ => {}
            }
        }
        hop
    }
}

/// An address as proxies write it: with a port or without, IPv6 in brackets or not.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address);
    }
    if let Some(rest) = text.strip_prefix('[') {
        return rest.split(']').next()?.parse().ok();
    }
    text.split_once(':')?.0.parse().ok()
}

fn is_authority(text: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    !text.is_empty() && text.bytes().all(is_fit)
}

fn is_path(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~%".contains(&byte))
}

impl PublicUrl {
    /// The whole base URL, for a tenant with this base path.
    pub fn base(&self, base_path: &str) -> String {
        let has_path = self.0.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
        if has_path { self.0.clone() } else { format!("{}{base_path}", self.0) }
    }

    /// The URL as it was given, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| format!("the public URL {text:?} {why}; write it like https://scim.example.com");
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("has no scheme"))?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "http" && scheme != "https" {
            return Err(wrong("is neither http nor https"));
        }
        if rest.contains(['?', '#']) {
            return Err(wrong("has a query or a fragment"));
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if !is_authority(authority) {
            return Err(wrong("has no proper host"));
        }
        if !is_path(path) {
            return Err(wrong("has a path with characters that must be percent-encoded"));
        }
        Ok(PublicUrl(format!("{scheme}://{authority}{}", path.trim_end_matches('/'))))
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<PublicUrl> for String {
    fn from(url: PublicUrl) -> String {
        url.0
    }
}

impl Net {
    /// Whether an address is one of these. An IPv4 address in the clothes of IPv6 counts as itself.
    pub fn contains(&self, address: IpAddr) -> bool {
        let bits = u32::from(self.prefix);
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
                net.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(net), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
                net.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Net {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no address and no network; write it like 192.0.2.7 or 10.0.0.0/8");
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(longest), |prefix| prefix.parse().map_err(|_| wrong()))?;
        if prefix > longest { Err(wrong()) } else { Ok(Net { address, prefix }) }
    }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let longest = if self.address.is_ipv4() { 32 } else { 128 };
        if self.prefix == longest {
            write!(f, "{}", self.address)
        } else {
            write!(f, "{}/{}", self.address, self.prefix)
        }
    }
}

impl TryFrom<String> for Net {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Net> for String {
    fn from(net: Net) -> String {
        net.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_what_shares_its_prefix() {
        let holds = |net: &str, address: &str| net.parse::<Net>().unwrap().contains(address.parse().unwrap());
        assert!(holds("10.0.0.0/8", "10.255.1.2"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("192.0.2.7", "192.0.2.7"));
        assert!(holds("192.0.2.7", "::ffff:192.0.2.7"));
        assert!(holds("0.0.0.0/0", "203.0.113.9"));
        assert!(!holds("0.0.0.0/0", "2001:db8::1"));
        assert!(holds("2001:db8::/32", "2001:db8:1::1"));
        assert!(holds("::/0", "2001:db8::1"));
        for wrong in ["", "10.0.0.0/33", "10.0.0", "10.0.0.0/", "host", "::/129"] {
            assert!(wrong.parse::<Net>().is_err(), "{wrong}");
        }
        assert_eq!("10.0.0.0/8".parse::<Net>().unwrap().to_string(), "10.0.0.0/8");
    }

    #[test]
    fn a_public_url_is_an_origin_or_a_whole_base() {
        let base = |url: &str| url.parse::<PublicUrl>().unwrap().base("/t/acme/scim/v2");
        assert_eq!(base("https://scim.example.com"), "https://scim.example.com/t/acme/scim/v2");
        assert_eq!(base("HTTPS://scim.example.com:8443/"), "https://scim.example.com:8443/t/acme/scim/v2");
        assert_eq!(base("https://example.com/acme/"), "https://example.com/acme");
        for wrong in
            ["scim.example.com", "ftp://a", "https://", "https:///a", "https://a/?b", "https://a b", "https://a/ü"]
        {
            assert!(wrong.parse::<PublicUrl>().is_err(), "{wrong}");
        }
    }
}
