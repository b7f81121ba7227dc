//! Encrypted connections: the record is the same as without, and a handshake that fails is an exchange too.

use std::sync::Arc;
use std::time::Duration;

use listener::{Config, Limits, Tls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use traffic::exchange::Ending;

use crate::server::{Server, within};

/// A server that encrypts, and the authority that vouches for it, as PEM.
async fn server(limits: Limits) -> (Server, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let tls = Tls::from_pem(&certificate.pem(), &key.serialize_pem()).unwrap();
    (Server::start_with(Config { limits, tls: Some(tls), ..Config::default() }).await, authority.pem())
}

/// A client that trusts this authority, or nobody.
async fn client(server: &Server, trusted: Option<&str>) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = trusted {
        roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(server.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

async fn answer(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut read = Vec::new();
    within(stream.read_to_end(&mut read)).await.unwrap();
    String::from_utf8(read).unwrap()
}

const GET: &str = "GET /Users HTTP/1.1\r\nHost: scim.example.com\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn what_is_recorded_of_an_encrypted_request_is_the_request() {
    let (server, authority) = server(Limits::default()).await;
    let mut client = client(&server, Some(&authority)).await.unwrap();
    client.write_all(GET.as_bytes()).await.unwrap();
    let answer = answer(&mut client).await;
    let over = server.over(1).await;
    assert_eq!(over.complete().request(), GET.as_bytes());
    assert_eq!(over.response(), answer.as_bytes());
    assert!(answer.contains(r#""base":"https://scim.example.com""#), "{answer}");
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_certificate_is_an_exchange_that_says_so() {
    let (server, _) = server(Limits::default()).await;
    client(&server, None).await.unwrap_err();
    let over = server.over(1).await;
    assert_eq!(over.line(), " ");
    assert_eq!(over.request()[0], 22, "the first message of the client is kept");
    let Ending::Refused(why) = &over.closed.ending else { panic!("{:?}", over.closed.ending) };
    assert!(why.contains("does not trust the certificate") && why.contains("UnknownCA"), "{why}");
}

#[tokio::test]
async fn a_client_that_does_not_encrypt_is_told_so_in_plain() {
    let (server, _) = server(Limits::default()).await;
    let mut client = TcpStream::connect(server.address).await.unwrap();
    client.write_all(GET.as_bytes()).await.unwrap();
    let answer = answer(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("https only"), "{answer}");
    let over = server.over(1).await;
    assert_eq!((over.request(), over.status()), (GET.as_bytes().to_vec(), Some(400)));
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_over_in_time_and_nonsense_at_once() {
    let limits = Limits { head_timeout: Duration::from_millis(100), ..Limits::default() };
    let (server, _) = server(limits).await;
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
    let over = server.over(1).await;
    assert!(matches!(&over.closed.ending, Ending::TimedOut(why) if why.contains("handshake")), "{:?}", over.closed);
    assert_eq!(over.request(), [22, 3, 1, 2, 0, 1]);
    let mut wrong = TcpStream::connect(server.address).await.unwrap();
    wrong.write_all(&[22; 64]).await.unwrap();
    let over = server.over(2).await;
    assert!(matches!(&over.closed.ending, Ending::Refused(why) if why.contains("handshake")), "{:?}", over.closed);
}

#[tokio::test]
async fn who_connects_and_says_nothing_leaves_no_record_and_holds_up_no_stop() {
    let (mut server, authority) = server(Limits::default()).await;
    let _silent = TcpStream::connect(server.address).await.unwrap();
    let mut half = TcpStream::connect(server.address).await.unwrap();
    half.write_all(&[22, 3, 1]).await.unwrap();
    let mut idle = client(&server, Some(&authority)).await.unwrap();
    idle.write_all(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    server.over(1).await.complete();
    server.stop();
    server.stopped().await;
    assert!(server.log.exchanges(traffic::ids::Seq(0), 10).len() <= 2, "the silent one left nothing");
}

#[tokio::test]
async fn what_is_no_certificate_and_what_is_no_key_is_refused_by_name() {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let (certificate, key) = (certificate.pem(), key.serialize_pem());
    for (certificates, key, words) in [
        ("", key.as_str(), "BEGIN CERTIFICATE"),
        (&certificate, "", "private key"),
        (&certificate, &certificate, "private key"),
        (&certificate, &KeyPair::generate().unwrap().serialize_pem(), "do not fit together"),
    ] {
        let why = Tls::from_pem(certificates, key).unwrap_err();
        assert!(why.contains(words), "{why}");
    }
}
