//! What the tests share: `corpus` reads the reference cases, `peers` those of other packages,
//! `precision` names the tolerances.

pub(crate) mod corpus;
pub(crate) mod peers;
pub(crate) mod precision;
