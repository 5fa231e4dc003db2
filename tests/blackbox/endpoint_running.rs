//! An endpoint over its own engine, and the ways to call it: the real SDK, and raw bytes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::SystemTime;

use aws_credential_types::Credentials as AwsCredentials;
use aws_sdk_qldb::Client;
use aws_sdk_qldb::config::retry::RetryConfig;
use aws_sdk_qldb::config::{BehaviorVersion, Region};
use aws_sdk_qldb::primitives::DateTime;
use aws_sdk_qldb::types::{PermissionsMode, S3EncryptionConfiguration, S3ExportConfiguration, S3ObjectEncryptionType};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use qldb_endpoint::endpoint::{Credentials, Endpoint, Options};
use qldb_endpoint::engine::{Config, Engine, system_clock};
use qldb_endpoint::store::S3Options;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::Place;

pub(crate) const REGION: &str = "us-east-1";
pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/export";

/// An endpoint that serves until it is dropped or stopped.
pub(crate) struct Running {
    pub(crate) engine: Arc<Engine>,
    pub(crate) credentials: Credentials,
    pub(crate) url: String,
    pub(crate) address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
    // Dropped last, after the engine that works in it.
    _place: Place,
}

impl Running {
    pub(crate) async fn start() -> Self {
        let place = Place::new();
        let config = Config { data_dir: place.path().to_owned(), clock: system_clock(), s3: S3Options::default() };
        let engine = Engine::open(config).unwrap();
        let credentials = Credentials::load_or_create(engine.data_dir()).unwrap();
        let options = Options { region: REGION.to_owned(), ..Options::new(credentials.clone()) };
        let listen = "127.0.0.1:0".parse().unwrap();
        let endpoint = Endpoint::bind(Arc::clone(&engine), listen, options).await.unwrap();
        let (url, address) = (endpoint.url(), endpoint.local_addr());
        let (stop, stopped) = oneshot::channel();
        let until = async move { drop(stopped.await) };
        let served = tokio::spawn(async move { endpoint.serve(until).await.unwrap() });
        Self { engine, credentials, url, address, stop, served, _place: place }
    }

    /// The SDK, configured with the address and the key.
    pub(crate) fn client(&self) -> Client {
        self.client_as(&self.credentials.access_key_id, &self.credentials.secret_access_key, None, REGION)
    }

    /// The SDK with other credentials or another region.
    pub(crate) fn client_as(&self, key: &str, secret: &str, token: Option<&str>, region: &str) -> Client {
        let credentials = AwsCredentials::from_keys(key, secret, token.map(str::to_owned));
        let config = aws_sdk_qldb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .credentials_provider(credentials)
            .endpoint_url(&self.url)
            .retry_config(RetryConfig::disabled())
            .build();
        Client::from_conf(config)
    }

    /// Makes an empty ledger without deletion protection.
    pub(crate) async fn make_ledger(&self, name: &str) {
        let mode = PermissionsMode::Standard;
        let call = self.client().create_ledger().name(name).permissions_mode(mode).deletion_protection(false);
        call.send().await.unwrap();
    }

    /// Waits until no export runs.
    pub(crate) async fn idle(&self) {
        let engine = Arc::clone(&self.engine);
        tokio::task::spawn_blocking(move || engine.wait_idle()).await.unwrap();
    }

    /// Stops the endpoint and waits until it has ended.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap();
    }

    /// Sends one request, signed now, and reads the response.
    pub(crate) async fn send(&self, method: &str, target: &str, body: &[u8]) -> RawAnswer {
        let signed = self.signature(method, target, body);
        let signed: Vec<(&str, &str)> = signed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.send_with(method, target, &signed, body).await
    }

    /// Sends one request with these headers besides host and length, and reads the response.
    pub(crate) async fn send_with(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> RawAnswer {
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        write!(head, "content-length: {}\r\n\r\n", body.len()).unwrap();
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        RawAnswer::parse(&answer)
    }

    /// The headers that sign a request now.
    pub(crate) fn signature(&self, method: &str, target: &str, body: &[u8]) -> Vec<(String, String)> {
        let Credentials { access_key_id, secret_access_key, .. } = &self.credentials;
        let identity = AwsCredentials::from_keys(access_key_id, secret_access_key, None).into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name("qldb")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let host = self.address.to_string();
        let headers = std::iter::once(("host", host.as_str()));
        let request = SignableRequest::new(method, target, headers, SignableBody::Bytes(body)).unwrap();
        let (instructions, _) = sign(request, &parameters).unwrap().into_parts();
        instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

/// A response as it came over the wire.
#[derive(Debug)]
pub(crate) struct RawAnswer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: serde_json::Value,
}

impl RawAnswer {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        let headers = lines.filter_map(header).collect();
        Self { status, headers, body: serde_json::from_str(body).unwrap_or_default() }
    }

    /// The error's type.
    pub(crate) fn error(&self) -> &str {
        self.headers.get("x-amzn-errortype").map_or("", String::as_str)
    }

    /// The error's text.
    pub(crate) fn message(&self) -> &str {
        self.body["Message"].as_str().unwrap_or_default()
    }
}

/// A point in time this many seconds from now.
pub(crate) fn seconds_from_now(seconds: i64) -> DateTime {
    DateTime::from_secs(chrono::Utc::now().timestamp() + seconds)
}

/// The destination of an export: this bucket, this prefix, unencrypted.
pub(crate) fn target(bucket: &str, prefix: &str) -> S3ExportConfiguration {
    target_with(bucket, prefix, S3ObjectEncryptionType::NoEncryption, None)
}

/// The destination of an export, and its encryption.
pub(crate) fn target_with(
    bucket: &str,
    prefix: &str,
    kind: S3ObjectEncryptionType,
    key: Option<&str>,
) -> S3ExportConfiguration {
    let encryption = S3EncryptionConfiguration::builder()
        .object_encryption_type(kind)
        .set_kms_key_arn(key.map(str::to_owned))
        .build()
        .unwrap();
    S3ExportConfiguration::builder().bucket(bucket).prefix(prefix).encryption_configuration(encryption).build().unwrap()
}
