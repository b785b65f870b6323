//! Tests that may be looked at as often as one likes.

mod group_sequential;
