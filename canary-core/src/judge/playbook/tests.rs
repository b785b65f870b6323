//! Blocks as they are written, and what they become.
