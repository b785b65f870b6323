//! Points that are unlike the others.

pub(crate) mod stream;
