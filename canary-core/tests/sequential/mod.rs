//! Tests that may be looked at as often as one likes, from outside.

mod sprt;
