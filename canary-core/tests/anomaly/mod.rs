//! The floor of anomalies from outside.

mod isolation_forest;
mod nab;
mod random_cut_forest;
