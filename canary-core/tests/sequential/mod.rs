//! Monitors, seen from outside.

mod mixture;
