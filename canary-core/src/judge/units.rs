//! Quantities as people write them: `50%`, `2x`, `500ms`, `5m`, `1.5 GiB`, `200 req/s`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{Error, Result};

/// What a unit measures. Units of one dimension convert into each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dimension {
    Share,
    Time,
    Size,
    Frequency,
}

/// Every unit that converts: its spellings, its dimension, and its size as a whole multiple of
/// the smallest of the dimension, so that conversions round once.
const UNITS: &[(&[&str], Dimension, f64)] = &[
    (&["%", "percent", "points", "pp"], Dimension::Share, 1.0),
    (&["", "fraction"], Dimension::Share, 100.0),
    (&["ns"], Dimension::Time, 1.0),
    (&["us", "µs", "μs"], Dimension::Time, 1e3),
    (&["ms"], Dimension::Time, 1e6),
    (&["s", "sec", "second", "seconds"], Dimension::Time, 1e9),
    (&["m", "min", "minute", "minutes"], Dimension::Time, 60e9),
    (&["h", "hour", "hours"], Dimension::Time, 3600e9),
    (&["d", "day", "days"], Dimension::Time, 86_400e9),
    (&["B", "byte", "bytes"], Dimension::Size, 1.0),
    (&["kB", "KB"], Dimension::Size, 1e3),
    (&["MB"], Dimension::Size, 1e6),
    (&["GB"], Dimension::Size, 1e9),
    (&["TB"], Dimension::Size, 1e12),
    (&["KiB", "Ki"], Dimension::Size, 1024.0),
    (&["MiB", "Mi"], Dimension::Size, 1_048_576.0),
    (&["GiB", "Gi"], Dimension::Size, 1_073_741_824.0),
    (&["TiB", "Ti"], Dimension::Size, 1_099_511_627_776.0),
    (&["/h", "per hour"], Dimension::Frequency, 1.0),
    (&["/min", "per minute", "rpm"], Dimension::Frequency, 60.0),
    (
        &["/s", "per second", "rps", "req/s", "requests/s", "Hz"],
        Dimension::Frequency,
        3600.0,
    ),
];

fn lookup(unit: &str) -> Option<(Dimension, f64)> {
    let mut units = UNITS.iter();
    let found = units.find(|(spellings, ..)| spellings.contains(&unit));
    found.map(|&(_, dimension, size)| (dimension, size))
}

/// Whether this is a unit that converts into others, spelled as it is here.
pub(super) fn is_unit(unit: &str) -> bool {
    lookup(unit).is_some()
}

/// The sizes of two units of one dimension: `x * size.0 / size.1` takes x from the first to the
/// second. `None` where the one does not convert into the other.
pub(super) fn sizes(from: &str, to: &str) -> Option<(f64, f64)> {
    match (lookup(from)?, lookup(to)?) {
        ((from, size), (to, unit_size)) if from == to => Some((size, unit_size)),
        _ => None,
    }
}

/// A number with the unit it was written with; `0.05` and `"50%"` and `"500 ms"` are all read.
///
/// ```
/// use canary_core::judge::Quantity;
///
/// let limit: Quantity = "500ms".parse()?;
/// assert_eq!(limit.in_unit(Some("s"))?, 0.5);
/// assert_eq!("3%".parse::<Quantity>()?.in_unit(None)?, 0.03);
/// assert_eq!(
///     limit.in_unit(Some("MB")).unwrap_err().to_string(),
///     "quantity: must be in MB, got 500ms"
/// );
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    value: f64,
    unit: String,
}

impl Quantity {
    /// `value` in `unit`; an empty unit is none.
    pub(super) fn new(value: f64, unit: impl Into<String>) -> Self {
        let unit = unit.into();
        Self { value, unit }
    }

    /// The number as it was written.
    pub(super) const fn value(&self) -> f64 {
        self.value
    }

    /// The unit as it was written; empty for none.
    pub(super) fn unit(&self) -> &str {
        &self.unit
    }

    /// The number in the given unit; no unit stands for a plain number, in which `3%` is 0.03. A
    /// quantity written without a unit is taken to be in the unit asked for.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] when the one does not convert into the other.
    pub fn in_unit(&self, unit: Option<&str>) -> Result<f64> {
        let unit = unit.filter(|unit| !unit.is_empty());
        let target = unit.unwrap_or_default();
        if self.unit.is_empty() || self.unit == target {
            return Ok(self.value);
        }
        match sizes(&self.unit, target) {
            Some((size, unit_size)) => Ok(self.value * size / unit_size),
            _ if unit.is_none() => {
                let rule = "must be a plain number or a percentage, because the metric has no unit";
                Err(Error::option("quantity", rule, self))
            }
            _ => Err(Error::option(
                "quantity",
                format!("must be in {target}"),
                self,
            )),
        }
    }

    /// A factor: `2x`, `2` or `200%`.
    pub(super) fn factor(&self) -> Result<f64> {
        match self.unit.as_str() {
            "x" | "×" | "" => Ok(self.value),
            "%" => Ok(self.value / 100.0),
            _ => Err(Error::option("factor", "must be written like 2x", self)),
        }
    }

    /// A number of percent: `50%` or `50`.
    pub(super) fn percent(&self) -> Result<f64> {
        match self.unit.as_str() {
            "%" | "percent" | "" => Ok(self.value),
            _ => Err(Error::option("percent", "must be written like 50%", self)),
        }
    }
}

impl FromStr for Quantity {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let trimmed = text.trim();
        let invalid = || {
            let rule = "must be a number with or without a unit, like 50%, 2x, 500ms or 0.05";
            Error::option("quantity", rule, format_args!("{text:?}"))
        };
        let end = number_length(trimmed);
        let (number, unit) = trimmed.split_at_checked(end).ok_or_else(invalid)?;
        if !is_grouped(number) {
            let rule = "must have its commas between groups of three digits, as in 1,500, a point before decimals, \
                        as in 1.5, and each _ between two digits, as in 1_500";
            return Err(Error::option("quantity", rule, format_args!("{text:?}")));
        }
        let value: f64 = number
            .replace(['_', ','], "")
            .parse()
            .map_err(|_| invalid())?;
        if !value.is_finite() {
            return Err(invalid());
        }
        let unit = unit.trim();
        if unit.starts_with(|c: char| c.is_ascii_digit() || "+-.,_".contains(c)) {
            return Err(invalid());
        }
        Ok(Self {
            value,
            unit: unit.to_owned(),
        })
    }
}

/// Whether commas part the thousands of a number and every `_` stands between two digits: `1,500` and `1_500`,
/// not the `1,5` that is one and a half elsewhere, nor `0,500`.
pub(super) fn is_grouped(number: &str) -> bool {
    let unsigned = number.trim_start_matches(['+', '-']);
    let (digits, _) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, ""));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let are_thousands = !whole.contains(',')
        || (!whole.contains('_')
            && (1..=3).contains(&first.len())
            && !first.starts_with('0')
            && groups.all(|group| group.len() == 3));
    let are_between =
        |digits: &str| !digits.starts_with('_') && !digits.ends_with('_') && !digits.contains("__");
    are_thousands && !decimals.contains(',') && are_between(whole) && are_between(decimals)
}

/// The length of the number that `text` starts with: sign, digits with `_` or `,` among them, a decimal
/// point, and an exponent only where digits follow the e.
fn number_length(text: &str) -> usize {
    let is_number = |c: char| c.is_ascii_digit() || "+-._,".contains(c);
    let end = text.find(|c| !is_number(c)).unwrap_or(text.len());
    let Some(rest) = text.get(end..) else {
        return end;
    };
    let Some(exponent) = rest.strip_prefix(['e', 'E']) else {
        return end;
    };
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let count = digits.chars().take_while(char::is_ascii_digit).count();
    if count == 0 {
        return end;
    }
    end + 1 + (exponent.len() - digits.len()) + count
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.value, self.unit)
    }
}

impl From<f64> for Quantity {
    fn from(value: f64) -> Self {
        Self {
            value,
            unit: String::new(),
        }
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.unit.is_empty() {
            return serializer.serialize_f64(self.value);
        }
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl de::Visitor<'_> for Visitor {
    type Value = Quantity;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a quantity like 50%, 2x, 500ms or 0.05")
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Quantity, E> {
        if value.is_finite() {
            Ok(value.into())
        } else {
            Err(E::invalid_value(de::Unexpected::Float(value), &self))
        }
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Quantity, E> {
        Ok((value as f64).into())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Quantity, E> {
        Ok((value as f64).into())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Quantity, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Quantity {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A number, or a number with its unit: 0.05, \"50%\", \"2x\", \"500ms\", \"1.5 GiB\".",
            "anyOf": [
                {"type": "number"},
                {"type": "string", "pattern": "^\\s*[+-]?([1-9][0-9]{0,2}(,[0-9]{3})+|[0-9]+(_[0-9]+)*)(\\.[0-9]+(_[0-9]+)*)?([eE][+-]?[0-9]+)?\\s*[^0-9+.,_-]*$"}
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, unit: Option<&str>) -> Result<f64> {
        text.parse::<Quantity>()?.in_unit(unit)
    }

    #[test]
    fn quantities_are_read_as_people_write_them() {
        for (text, unit, value) in [
            ("50%", None, 0.5),
            ("7%", None, 0.07),
            ("0.25 %", None, 0.0025),
            ("3", Some("%"), 3.0),
            ("3%", Some("%"), 3.0),
            ("500ms", Some("ms"), 500.0),
            ("0.5s", Some("ms"), 500.0),
            ("500 ms", Some("s"), 0.5),
            ("5m", Some("s"), 300.0),
            ("1.5GiB", Some("MiB"), 1536.0),
            ("1,000", None, 1000.0),
            ("1e3", Some("ms"), 1000.0),
            ("1e-3s", Some("ms"), 1.0),
            ("120/min", Some("req/s"), 2.0),
            ("12 widgets", Some("widgets"), 12.0),
            ("-5ms", Some("ms"), -5.0),
        ] {
            assert_eq!(read(text, unit).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_or_converted_is_refused() {
        for (text, unit) in [
            ("", None),
            ("fast", None),
            ("1 2", None),
            ("5..3", None),
            ("1e999", None),
            ("500ms", None),
            ("500ms", Some("MB")),
            ("50%", Some("ms")),
            ("2x", Some("ms")),
        ] {
            assert!(read(text, unit).is_err(), "{text}");
        }
        for no_unit in [None, Some("")] {
            let error = read("1ms", no_unit).unwrap_err().to_string();
            assert!(error.contains("because the metric has no unit"), "{error}");
        }
    }

    #[test]
    fn separators_stand_where_they_cannot_be_taken_for_a_point() {
        for (text, value) in [
            ("1,500", 1500.0),
            ("-12,345,678.5", -12_345_678.5),
            ("1_500", 1500.0),
            ("10_00.2_5", 1000.25),
            ("1,500.5e3", 1_500_500.0),
            ("1,500e3", 1_500_000.0),
            (".5", 0.5),
        ] {
            assert_eq!(read(text, None).unwrap(), value, "{text}");
        }
        for text in [
            "1,5",
            "0,500",
            "1,50",
            "1,5000",
            "1234,567",
            ",500",
            "1,",
            "1,500,",
            "1,,500",
            "1.5,000",
            "1__000",
            "_1",
            "1_",
            "1_.5",
            "1._5",
            "1_e3",
            "1_000,000",
            "1,5%",
            "1,5 ms",
        ] {
            assert!(text.parse::<Quantity>().is_err(), "{text}");
        }
        let error = "1,5".parse::<Quantity>().unwrap_err().to_string();
        assert_eq!(
            error,
            "quantity: must have its commas between groups of three digits, as in 1,500, a point before decimals, \
             as in 1.5, and each _ between two digits, as in 1_500, got \"1,5\""
        );
    }

    proptest::proptest! {
        /// What is accepted is the number that stands there: its commas are where a person would set them.
        #[test]
        fn what_is_accepted_is_the_number_that_stands_there(text in "[0-9]{1,4}[,_]?[0-9]{1,4}[,_]?[0-9]{0,4}[.]?[0-9]{0,3}") {
            if let Ok(quantity) = text.parse::<Quantity>() {
                let (whole, _) = text.split_once('.').unwrap_or((&text, ""));
                if whole.contains(',') {
                    let digits: Vec<char> = format!("{}", quantity.value().trunc()).chars().rev().collect();
                    let groups: Vec<String> = digits.chunks(3).map(|group| group.iter().rev().collect()).collect();
                    let set: Vec<String> = groups.into_iter().rev().collect();
                    proptest::prop_assert_eq!(whole, set.join(","));
                }
                let plain: f64 = text.replace([',', '_'], "").parse().unwrap();
                proptest::prop_assert_eq!(quantity.value(), plain);
            }
        }
    }
}
