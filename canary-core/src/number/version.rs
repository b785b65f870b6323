//! The version of a written form: writes one number, and reads no other.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Version `THIS` of some type's written form.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Version<const THIS: u32 = 1>;

impl<const THIS: u32> Serialize for Version<THIS> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(THIS)
    }
}

impl<'de, const THIS: u32> Deserialize<'de> for Version<THIS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let other = u32::deserialize(deserializer)?;
        if other == THIS {
            return Ok(Self);
        }
        let message = format!("version: this release reads version {THIS}, got {other}");
        Err(D::Error::custom(message))
    }
}
