//! What is unlike the rest.

pub(crate) mod forest;

pub(crate) mod incidents;
pub(crate) mod stream;
