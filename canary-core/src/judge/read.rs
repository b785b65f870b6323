//! From text to a policy document or a playbook's blocks, and the parsers' complaints in our words: where, what is
//! wrong, and what was probably meant.

use serde::de::DeserializeOwned;

use crate::error::{Error, Location, Result};

pub(super) fn json<T: DeserializeOwned>(text: &str) -> Result<T> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let document = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| json_error(&error.path().to_string(), error.inner()))?;
    deserializer.end().map_err(|error| json_error("", &error))?;
    Ok(document)
}

fn json_error(path: &str, error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or(&text);
    // serde says: unknown field `x`, expected `a` or `b`; unknown variant `x`, expected one of ...
    let mut quoted = message.split('`').skip(1).step_by(2);
    let complaint = match quoted.next() {
        Some(key) if message.starts_with("unknown field") => unknown_key(path, key, quoted),
        Some(word) if message.starts_with("unknown variant") => unknown_word(path, word, quoted),
        _ => at(path, message),
    };
    let location = Location {
        line: error.line() as u64,
        column: error.column() as u64,
    };
    Error::InvalidPolicy {
        message: complaint,
        location: Some(location),
    }
}

#[cfg(feature = "yaml")]
pub(super) fn yaml<T: DeserializeOwned>(text: &str) -> Result<T> {
    let mut path = String::new();
    let document = serde_saphyr::with_deserializer_from_str(text, |deserializer| {
        serde_path_to_error::deserialize(deserializer).map_err(|error| {
            path = error.path().to_string();
            error.into_inner()
        })
    });
    document.map_err(|error| yaml_error(&path, error.without_snippet()))
}

#[cfg(feature = "yaml")]
fn yaml_error(path: &str, error: &serde_saphyr::Error) -> Error {
    use serde_saphyr::Error as Yaml;
    let message = match error {
        Yaml::SerdeUnknownField {
            field, expected, ..
        } => unknown_key(path, field, expected.iter().copied()),
        Yaml::SerdeUnknownVariant {
            variant, expected, ..
        } => unknown_word(path, variant, expected.iter().copied()),
        Yaml::DuplicateMappingKey { key, .. } => match key {
            Some(key) => format!("the key `{key}` stands twice"),
            None => "a key stands twice".to_owned(),
        },
        Yaml::MultipleDocuments { .. } => {
            "there are several documents in the text, and a policy is one: take away what follows its `---`"
                .to_owned()
        }
        Yaml::Eof { .. } => "there is no policy in the text".to_owned(),
        _ => {
            let text = error.to_string();
            let message = text.split(" at line ").next().unwrap_or(&text);
            at(
                path,
                &message.replace("expected mapping start", "must hold keys and values"),
            )
        }
    };
    let location = error.location().map(|at| Location {
        line: at.line(),
        column: at.column(),
    });
    Error::InvalidPolicy { message, location }
}

fn unknown_key<'a>(path: &str, key: &str, known: impl Iterator<Item = &'a str>) -> String {
    let parent = path.strip_suffix(key).unwrap_or(path);
    at(
        parent,
        &format!("unknown key `{key}`{}", did_you_mean(key, known)),
    )
}

fn unknown_word<'a>(path: &str, word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.collect();
    let guess = did_you_mean(word, known.iter().copied());
    at(
        path,
        &format!("must be one of {}, got {word}{guess}", known.join(", ")),
    )
}

fn at(path: &str, message: &str) -> String {
    // The path names the argument better than the reader of a single word could.
    let own = ["quantity: ", "statistic: "]
        .iter()
        .find_map(|name| message.strip_prefix(name));
    let message = own.unwrap_or(message);
    match path.trim_matches('.') {
        "" => message.to_owned(),
        path => format!("{path}: {message}"),
    }
}

/// ", did you mean `x`?" for the nearest of the known words, when one is near.
pub(super) fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let nearest = known.min_by_key(|candidate| strsim::damerau_levenshtein(word, candidate));
    match nearest {
        Some(near) if strsim::jaro_winkler(word, near) > 0.75 => {
            format!(", did you mean `{near}`?")
        }
        _ => String::new(),
    }
}
