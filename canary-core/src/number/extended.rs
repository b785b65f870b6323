//! Numbers in JSON, infinities included: finite ones as numbers, the others as `"inf"`, `"-inf"`
//! and `"nan"`; Prometheus' `"+Inf"` and numbers in quotes are read too.

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

#[derive(Deserialize)]
#[serde(untagged)]
enum Extended {
    Number(f64),
    Text(String),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) fn serialize<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if x.is_finite() {
        serializer.serialize_f64(*x)
    } else {
        serializer.serialize_str(&x.to_string().to_lowercase())
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    match Extended::deserialize(deserializer)? {
        Extended::Number(x) => Ok(x),
        Extended::Text(text) => text.parse().map_err(|_| {
            D::Error::custom(format!(
                "expected a number, \"inf\" or \"-inf\", got {text:?}"
            ))
        }),
    }
}
