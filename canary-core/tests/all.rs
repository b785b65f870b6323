//! Everything that can be tested from outside, in one binary, so that it links once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod anomaly;
mod api;
mod common;
mod dependencies;
mod engines;
mod layers;
mod policies;
mod properties;
mod reference;
mod sequential;
