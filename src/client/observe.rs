//! Interceptors: what is read from a request or a response besides the model.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_qldb::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_qldb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_qldb::error::BoxError;

use super::PreparedRequest;
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

/// Notes where the last attempt went, for error messages.
#[derive(Debug, Clone, Default)]
pub(super) struct Destination(Slot<String>);

impl Destination {
    /// `http://127.0.0.1:8040`, as far as it is known.
    pub(super) fn endpoint(&self) -> String {
        self.0.get().unwrap_or_else(|| "the endpoint".to_owned())
    }
}

impl Intercept for Destination {
    fn name(&self) -> &'static str {
        "Destination"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let uri = context.request().uri();
        let path_start = uri.match_indices('/').nth(2).map_or(uri.len(), |(index, _)| index);
        self.0.put(uri.get(..path_start).unwrap_or(uri).to_owned());
        Ok(())
    }
}

/// Reads how far an export is, which the built-in endpoint sends in a header.
#[derive(Debug, Clone, Default)]
pub(super) struct ProgressHeader(Slot<Progress>);

impl ProgressHeader {
    /// What the last answer said.
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

/// Takes a request as the SDK has built it, and stops the call before it is sent.
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

    fn read_after_serialization(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let body = serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
        self.0.put(PreparedRequest { method: request.method().to_owned(), path: request.uri().to_owned(), body });
        Err("captured, not to be sent".into())
    }
}
