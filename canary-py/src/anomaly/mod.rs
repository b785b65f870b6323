//! What is unlike the rest: a file for each question.

pub(crate) mod forest;
pub(crate) mod incidents;
pub(crate) mod stream;
pub(crate) mod windows;
