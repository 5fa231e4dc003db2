//! Output for people and programs: the one printer, and what it prints.
//!
//! For the context and the commands.

pub(crate) mod batch;
pub(crate) mod breaks;
pub(crate) mod events;
pub(crate) mod github;
pub(crate) mod markup;
pub(crate) mod outline;
pub(crate) mod output_file;
pub(crate) mod printer;
pub(crate) mod response;
pub(crate) mod said;
pub(crate) mod screen;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod text;
