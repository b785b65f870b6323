//! Monitors, seen from outside.

mod counts;
mod group_sequential;
mod mixture;
mod quantile;
mod sprt;
