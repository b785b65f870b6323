//! Numbers as Kubernetes has them: `600`, `0.95`, `500m`, `2Ki`, `1e3`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A number as Kubernetes writes it, and as Keptn computes with it.
///
/// It is digits times a power of ten, and not the nearest double to what is written: 0.95 is
/// 95 * 0.01, a little above 0.95. Below a billionth it is rounded away from zero.
///
/// ```
/// use canary_core::judge::engines::KeptnQuantity;
///
/// let of = |text: &str| KeptnQuantity::try_from(text.to_owned()).map(|quantity| quantity.get());
/// assert_eq!(of("500m")?, 0.5);
/// assert!(of("0.95")? > 0.95);
/// assert!(of("10%").is_err());
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "String")]
pub struct KeptnQuantity {
    text: String,
    value: f64,
}

/// A quantity in JSON: a number, or text.
#[derive(Deserialize)]
#[serde(untagged, expecting = "must be a quantity such as 600 or 500m")]
enum Written {
    Number(serde_json::Number),
    Text(String),
}

impl KeptnQuantity {
    /// The number.
    #[must_use]
    pub const fn get(&self) -> f64 {
        self.value
    }
}

impl TryFrom<String> for KeptnQuantity {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        match number(&text) {
            Some(value) => Ok(Self { text, value }),
            None => {
                let rule = "must be a quantity such as 600 or 500m";
                Err(Error::option("quantity", rule, format_args!("{text:?}")))
            }
        }
    }
}

impl TryFrom<Written> for KeptnQuantity {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self> {
        match written {
            Written::Number(number) => number.to_string().try_into(),
            Written::Text(text) => text.try_into(),
        }
    }
}

impl From<KeptnQuantity> for String {
    fn from(quantity: KeptnQuantity) -> Self {
        quantity.text
    }
}

impl fmt::Display for KeptnQuantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The number of a Kubernetes quantity, by the same roundings as there; none for what it refuses.
fn number(text: &str) -> Option<f64> {
    let (sign, unsigned) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(rest), _) => (-1.0, rest),
        (_, Some(rest)) => (1.0, rest),
        _ => (1.0, text),
    };
    let end = unsigned.find(|c: char| !(c.is_ascii_digit() || c == '.'));
    let (digits, suffix) = unsigned.split_at(end.unwrap_or(unsigned.len()));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if digits.len() > 30 || part.contains('.') || whole.len() + part.len() == 0 {
        return None;
    }
    let mut value: u128 = format!("{whole}{part}").parse().ok()?;
    let (factor, exponent) = scale(suffix)?;
    let mut shift = exponent.checked_sub(i32::try_from(part.len()).ok()?)?;
    // Nothing is finer than a billionth.
    while shift < -9 && value > 0 {
        value = value.div_ceil(10);
        shift = if value == 1 { -9 } else { shift + 1 };
    }
    let scaled = match shift {
        0 => value as f64,
        _ => value as f64 * format!("1e{shift}").parse::<f64>().ok()?,
    };
    Some(sign * scaled * factor).filter(|number| number.is_finite())
}

/// A suffix as a factor and a power of ten.
fn scale(suffix: &str) -> Option<(f64, i32)> {
    let exponent = match suffix {
        "" => 0,
        "n" => -9,
        "u" => -6,
        "m" => -3,
        "k" => 3,
        "M" => 6,
        "G" => 9,
        "T" => 12,
        "P" => 15,
        "E" => 18,
        "Ki" => return Some((1024.0, 0)),
        "Mi" => return Some((1024_f64.powi(2), 0)),
        "Gi" => return Some((1024_f64.powi(3), 0)),
        "Ti" => return Some((1024_f64.powi(4), 0)),
        "Pi" => return Some((1024_f64.powi(5), 0)),
        "Ei" => return Some((1024_f64.powi(6), 0)),
        _ => suffix.strip_prefix(['e', 'E'])?.parse().ok()?,
    };
    Some((1.0, exponent))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn quantities_are_read_as_kubernetes_does() {
        for (text, expected) in [
            ("600", Some(600.0)),
            // A small m is a thousandth, not a million, nor a minute.
            ("500m", Some(0.5)),
            ("2Ki", Some(2048.0)),
            ("1.5k", Some(1500.0)),
            ("-1e3", Some(-1000.0)),
            ("1E", Some(1e18)),
            ("5.", Some(5.0)),
            (".5", Some(0.5)),
            ("0.95", Some(95.0 * 0.01)),
            // Not finer than a billionth, away from zero.
            ("0.9n", Some(1e-9)),
            ("0.00000000001", Some(1e-9)),
            ("1.0000000001", Some(1_000_000_001.0 * 1e-9)),
            ("0", Some(0.0)),
            ("0.00000000000", Some(0.0)),
            ("", None),
            (".", None),
            ("+", None),
            ("--5", None),
            ("5 ", None),
            ("1.2.3", None),
            ("1-2", None),
            ("600ms", None),
            ("10%", None),
            ("1e", None),
            ("1e999", None),
            ("NaN", None),
        ] {
            assert_eq!(number(text), expected, "{text:?}");
        }
    }
}
