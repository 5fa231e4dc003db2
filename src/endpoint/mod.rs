//! The endpoint room.
