//! Interceptors: what is read from a request or a response beyond the model.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_qldb::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_qldb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_qldb::error::BoxError;

use qldb_aws::Proxy;

use super::prepared::PreparedRequest;
use qldb_journal::request::Progress;

/// A value that an interceptor leaves for the caller.
#[derive(Debug)]
struct Slot<T>(Arc<Mutex<Option<T>>>);

impl<T> Slot<T> {
    fn put(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }
}

impl<T: Clone> Slot<T> {
    fn get(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// The route of a call, for error messages.
#[derive(Debug, Clone)]
pub(super) struct Route {
    /// `http://127.0.0.1:8040`, if it is known.
    pub(super) endpoint: String,
    /// The proxy on the way.
    pub(super) proxy: Option<Proxy>,
}

/// Records where the last attempt went.
#[derive(Debug, Clone, Default)]
pub(super) struct RouteRecorder {
    endpoint: Slot<String>,
    /// The call stays in this process, so there is no proxy on the way.
    is_within: bool,
}

impl RouteRecorder {
    /// For calls that stay in this process.
    pub(super) fn within() -> Self {
        Self { is_within: true, ..Self::default() }
    }

    pub(super) fn route(&self) -> Route {
        let endpoint = self.endpoint.get();
        let proxy = endpoint.as_deref().filter(|_| !self.is_within).and_then(qldb_aws::proxy_of);
        Route { endpoint: endpoint.unwrap_or_else(|| "the endpoint".to_owned()), proxy }
    }
}

impl Intercept for RouteRecorder {
    fn name(&self) -> &'static str {
        "Destination"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.endpoint.put(host(context.request().uri()).to_owned());
        Ok(())
    }
}

/// An address without its path.
fn host(uri: &str) -> &str {
    let path_start = uri.match_indices('/').nth(2).map_or(uri.len(), |(index, _)| index);
    uri.get(..path_start).unwrap_or(uri)
}

/// Reads the progress of an export, which the built-in endpoint sends in a header.
#[derive(Debug, Clone, Default)]
pub(super) struct ProgressHeader(Slot<Progress>);

impl ProgressHeader {
    /// The progress in the last response.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.0.get()
    }
}

impl Intercept for ProgressHeader {
    fn name(&self) -> &'static str {
        "ProgressHeader"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let header = context.response().headers().get(Progress::HEADER);
        if let Some(progress) = header.and_then(Progress::from_header) {
            self.0.put(progress);
        }
        Ok(())
    }
}

/// Captures a request as the SDK has built it, and stops the call before it is sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Capture(Slot<PreparedRequest>);

impl Capture {
    /// What would have been sent.
    pub(super) fn request(&self) -> Option<PreparedRequest> {
        self.0.get()
    }
}

impl Intercept for Capture {
    fn name(&self) -> &'static str {
        "Capture"
    }

    fn read_before_signing(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let body = serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
        let endpoint = host(request.uri()).to_owned();
        let path = request.uri().get(endpoint.len()..).unwrap_or_default().to_owned();
        self.0.put(PreparedRequest { method: request.method().to_owned(), endpoint, path, body });
        Err("captured, not to be sent".into())
    }
}
