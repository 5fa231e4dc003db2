//! What all commands share and what depends on none of them: the global flags, the environment,
//! exit codes, signals, secrets.
//!
//! For everything in `cli`.

pub(crate) mod area;
pub(crate) mod args;
pub(crate) mod defaults;
pub(crate) mod environment;
pub(crate) mod exit;
pub(crate) mod flags;
pub(crate) mod presets;
pub(crate) mod query;
pub(crate) mod scope;
pub(crate) mod secret;
pub(crate) mod settings;
pub(crate) mod signal;
pub(crate) mod store;
pub(crate) mod typed;
