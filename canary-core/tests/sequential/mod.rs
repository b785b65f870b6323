//! Monitors, seen from outside.

mod mixture;
//! Tests that may be looked at as often as one likes.

mod quantile;
//! Tests that may be looked at as often as one likes, from outside.

mod sprt;
//! Tests that may be looked at as often as one likes.

mod group_sequential;
mod counts;
