//! From the text of an engine's manifest to its configuration.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Location, Result};
use crate::judge::read::did_you_mean;

/// A JSON text as a value.
pub(super) fn json(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| {
        let all = error.to_string();
        Error::InvalidPolicy {
            message: all.split(" at line ").next().unwrap_or(&all).to_owned(),
            location: Some(Location {
                line: error.line() as u64,
                column: error.column() as u64,
            }),
        }
    })
}

/// A YAML text as a value.
#[cfg(feature = "yaml")]
pub(super) fn yaml(text: &str) -> Result<Value> {
    serde_saphyr::from_str(text).map_err(|error| {
        let error = error.without_snippet();
        let all = error.to_string();
        Error::InvalidPolicy {
            message: all.split(" at line ").next().unwrap_or(&all).to_owned(),
            location: error.location().map(|at| Location {
                line: at.line(),
                column: at.column(),
            }),
        }
    })
}

/// The part of a whole manifest that is under these keys, as far as they are there.
pub(super) fn block(mut document: Value, keys: &[&str]) -> Value {
    for key in keys {
        if let Some(inner) = document.get_mut(*key).map(Value::take) {
            document = inner;
        }
    }
    document
}

/// The value as a configuration.
pub(super) fn read<T: DeserializeOwned>(document: Value) -> Result<T> {
    serde_path_to_error::deserialize(document).map_err(|error| {
        let path = error.path().to_string();
        let message = error.inner().to_string();
        let mut quoted = message.split('`').skip(1).step_by(2);
        match quoted.next() {
            Some(field) if message.starts_with("unknown field") => {
                let parent = path.strip_suffix(field).unwrap_or(&path);
                let guess = did_you_mean(field, quoted);
                at(parent, &format!("unknown field `{field}`{guess}"))
            }
            _ => at(&path, &message),
        }
    })
}

/// An error about the place in a configuration that `path` leads to.
pub(super) fn at(path: &str, message: &str) -> Error {
    match path.trim_matches('.') {
        "" => Error::policy(message),
        path => Error::policy(format!("{path}: {message}")),
    }
}
