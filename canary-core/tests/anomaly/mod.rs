//! The floor of anomalies from outside.

mod isolation_forest;
