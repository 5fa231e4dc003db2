//! Exports into S3, and archives read from it.
