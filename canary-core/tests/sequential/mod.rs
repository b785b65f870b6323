//! Monitors, seen from outside.

mod counts;
mod dependence;
mod group_sequential;
mod mixture;
mod quantile;
mod sprt;
