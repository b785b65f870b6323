//! What is unlike the rest: a file for each question.

pub(crate) mod windows;
