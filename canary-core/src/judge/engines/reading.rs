//! What a look found for one metric, before any rule is applied.

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::limits::Outcome;

/// What a query gave for one metric at one look.
///
/// In JSON: a number (`"nan"` and `"inf"` in quotes), a list of them, `null`, or one of the words
/// `"pass"`, `"fail"`, `"inconclusive"` and `"error"`.
///
/// ```
/// use canary_core::judge::engines::{Outcome, EngineReading};
///
/// let readings: Vec<EngineReading> = serde_json::from_str(r#"[0.97, [0.97], null, "error"]"#)?;
/// assert_eq!(readings[1], EngineReading::Vector(vec![0.97]));
/// assert_eq!(readings[3], EngineReading::Known(Outcome::Error));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum EngineReading {
    /// One number, possibly NaN.
    Number(f64),
    /// A list of numbers, possibly empty, as Prometheus gives.
    Vector(Vec<f64>),
    /// The query was answered, without a value.
    Nothing,
    /// What it came to is known already; `Outcome::Error` if the query failed.
    Known(Outcome),
}

impl From<f64> for EngineReading {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl fmt::Display for EngineReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Vector(numbers) => write!(f, "{numbers:?}"),
            Self::Nothing => f.write_str("nothing"),
            Self::Known(outcome) => write!(f, "{outcome}"),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Extended(#[serde(with = "crate::number::extended")] f64);

impl Serialize for EngineReading {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => Extended(*number).serialize(serializer),
            Self::Vector(numbers) => serializer.collect_seq(numbers.iter().map(|&x| Extended(x))),
            Self::Nothing => serializer.serialize_unit(),
            Self::Known(outcome) => outcome.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for EngineReading {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadingVisitor)
    }
}

struct ReadingVisitor;

impl<'de> Visitor<'de> for ReadingVisitor {
    type Value = EngineReading;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a list of numbers, null, or one of pass, fail, inconclusive, error")
    }

    fn visit_f64<E>(self, number: f64) -> Result<EngineReading, E> {
        Ok(EngineReading::Number(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<EngineReading, E> {
        Ok(EngineReading::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<EngineReading, E> {
        Ok(EngineReading::Number(number as f64))
    }

    fn visit_unit<E>(self) -> Result<EngineReading, E> {
        Ok(EngineReading::Nothing)
    }

    fn visit_none<E>(self) -> Result<EngineReading, E> {
        Ok(EngineReading::Nothing)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<EngineReading, D::Error> {
        EngineReading::deserialize(deserializer)
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<EngineReading, E> {
        let not_finite = word.parse().ok().filter(|x: &f64| !x.is_finite());
        match not_finite {
            Some(number) => Ok(EngineReading::Number(number)),
            None => word.parse().map(EngineReading::Known).map_err(E::custom),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<EngineReading, A::Error> {
        let mut numbers = Vec::new();
        while let Some(Extended(number)) = list.next_element()? {
            numbers.push(number);
        }
        Ok(EngineReading::Vector(numbers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_reading_reads_as_itself() {
        for reading in [
            EngineReading::Number(0.5),
            EngineReading::Number(f64::NEG_INFINITY),
            EngineReading::Vector(vec![]),
            EngineReading::Vector(vec![1.0, f64::INFINITY]),
            EngineReading::Nothing,
            EngineReading::Known(Outcome::Inconclusive),
        ] {
            let json = serde_json::to_string(&reading).unwrap();
            assert_eq!(
                serde_json::from_str::<EngineReading>(&json).unwrap(),
                reading
            );
        }
        let nan = serde_json::to_string(&EngineReading::Number(f64::NAN)).unwrap();
        let read = serde_json::from_str(&nan).unwrap();
        assert!(
            matches!(read, EngineReading::Number(x) if x.is_nan()),
            "{nan}"
        );
        let error = serde_json::from_str::<EngineReading>("\"Failed\"").unwrap_err();
        assert!(
            error.to_string().contains("must be one of \"pass\""),
            "{error}"
        );
    }
}
