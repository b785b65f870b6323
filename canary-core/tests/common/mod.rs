//! What the tests share: `corpus` reads the reference cases, `precision` names the tolerances.

pub(crate) mod corpus;
pub(crate) mod precision;
