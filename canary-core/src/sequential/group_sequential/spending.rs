//! How the error is spread over the looks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::number::normal;

/// How much of an error may have been spent at a fraction t of the planned information: a function
/// that grows from 0 to all of it. Read and written as the words in the table.
///
/// | written | share spent at t | after |
/// |---|---|---|
/// | `obrien_fleming` | 2 - 2 Φ(z(a/2) / √t) of an error a on one side | Lan and DeMets 1983: next to nothing early |
/// | `pocock` | a ln(1 + (e - 1) t) | Lan and DeMets 1983: about as much at every look |
/// | `power(3)` | a t^ρ | Kim and DeMets 1987; ρ > 0 |
/// | `hwang_shih_decani(-4)` | a (1 - exp(-γ t)) / (1 - exp(-γ)) | Hwang, Shih and DeCani 1990; any γ |
/// | `wang_tsiatis(0)` | what bounds in proportion to t^(Δ - ½) spend at the planned looks, in straight lines between them | Wang and Tsiatis 1987: Δ = 0 is O'Brien and Fleming's 1979 test, Δ = ½ Pocock's of 1977 |
///
/// ```
/// use canary_core::sequential::Spending;
///
/// assert_eq!("power(3)".parse(), Ok(Spending::Power(3.0)));
/// assert_eq!(Spending::OBrienFleming.to_string(), "obrien_fleming");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Spending {
    /// Next to nothing early: close to O'Brien and Fleming's bounds.
    #[default]
    OBrienFleming,
    /// About the same bound at every look: close to Pocock's.
    Pocock,
    /// In proportion to a power of the information.
    Power(f64),
    /// Exponential: early for γ > 0, late for γ < 0.
    HwangShihDeCani(f64),
    /// The classical tests.
    WangTsiatis(f64),
}

impl Spending {
    /// Refuses parameters outside their range.
    pub(super) fn check(self, option: &str) -> Result<()> {
        let (is_fine, rule) = match self {
            Self::OBrienFleming | Self::Pocock => return Ok(()),
            Self::Power(rho) => (rho > 0.0 && rho <= 100.0, "power must lie in (0, 100]"),
            Self::HwangShihDeCani(gamma) => (gamma.abs() <= 100.0, "gamma must lie in [-100, 100]"),
            Self::WangTsiatis(delta) => (delta.abs() <= 1.0, "delta must lie in [-1, 1]"),
        };
        if is_fine {
            return Ok(());
        }
        Err(Error::option(option, rule, self))
    }

    /// What of an error `total` on one side may have been spent at `fraction` of the information.
    pub(super) fn spent(self, total: f64, fraction: f64) -> f64 {
        if fraction >= 1.0 {
            return total;
        }
        let t = fraction.max(0.0);
        let spent = match self {
            Self::OBrienFleming => 2.0 * normal::sf(normal::quantile(0.5 * total) / t.sqrt()),
            Self::Pocock => total * (std::f64::consts::E - 1.0).mul_add(t, 1.0).ln(),
            Self::Power(rho) => total * t.powf(rho),
            Self::HwangShihDeCani(0.0) => total * t,
            Self::HwangShihDeCani(gamma) => total * (-gamma * t).exp_m1() / (-gamma).exp_m1(),
            Self::WangTsiatis(_) => total * t, // a plan has the table of what it spends
        };
        spent.clamp(0.0, total)
    }
}

impl fmt::Display for Spending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OBrienFleming => f.write_str("obrien_fleming"),
            Self::Pocock => f.write_str("pocock"),
            Self::Power(rho) => write!(f, "power({rho})"),
            Self::HwangShihDeCani(gamma) => write!(f, "hwang_shih_decani({gamma})"),
            Self::WangTsiatis(delta) => write!(f, "wang_tsiatis({delta})"),
        }
    }
}

impl FromStr for Spending {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refused = || {
            let rule = "must be \"obrien_fleming\", \"pocock\", \"power(rho)\", \
                        \"hwang_shih_decani(gamma)\" or \"wang_tsiatis(delta)\"";
            Error::option("spending", rule, format_args!("{text:?}"))
        };
        let (word, parameter) = match text.trim().split_once('(') {
            None => (text.trim(), None),
            Some((word, rest)) => {
                let number = rest.strip_suffix(')').ok_or_else(refused)?;
                let number: f64 = number.trim().parse().map_err(|_| refused())?;
                (word.trim_end(), Some(number))
            }
        };
        let spending = match (word, parameter) {
            ("obrien_fleming", None) => Self::OBrienFleming,
            ("pocock", None) => Self::Pocock,
            ("power", Some(rho)) => Self::Power(rho),
            ("hwang_shih_decani", Some(gamma)) => Self::HwangShihDeCani(gamma),
            ("wang_tsiatis", Some(delta)) => Self::WangTsiatis(delta),
            _ => return Err(refused()),
        };
        spending.check("spending")?;
        Ok(spending)
    }
}

impl TryFrom<String> for Spending {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Spending> for String {
    fn from(spending: Spending) -> Self {
        spending.to_string()
    }
}
