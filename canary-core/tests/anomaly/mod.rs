//! Points that are unlike the others, seen from outside.

mod nab;
mod random_cut_forest;
