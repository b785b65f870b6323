//! Numbers for people.

use std::fmt;

use crate::options::Confidence;

/// A measured number with as many digits as a person reads: three significant ones, no trailing
/// zeros, large whole numbers in full, and an exponent only where zeros would have to be counted.
pub(crate) struct Show(pub(crate) f64);

impl fmt::Display for Show {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&text(self.0))
    }
}

fn text(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 {
        return "0".to_owned();
    }
    if !x.is_finite() {
        return if x.is_nan() {
            "NaN"
        } else if x > 0.0 {
            "∞"
        } else {
            "−∞"
        }
        .to_owned();
    }
    if !(1e-4..1e9).contains(&size) {
        return format!("{x:.2e}");
    }
    if size >= 1000.0 || x.fract() == 0.0 {
        return format!("{x:.0}");
    }
    let decimals = (2 - size.log10().floor() as i32).clamp(0, 8) as usize;
    let fixed = format!("{x:.decimals$}");
    if decimals == 0 {
        return fixed; // its zeros count
    }
    fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number that somebody chose, such as a limit: all of its digits, without the noise of
/// converting it, and an exponent only where zeros would have to be counted. One with more than 7 was not chosen but made of another, such as a third: 4
/// significant digits say enough, and whole numbers stay whole.
pub(crate) struct Given(pub(crate) f64);

/// What somebody chose has no more digits.
const CHOSEN: usize = 7;

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What has few digits has no noise, and most that is chosen does.
        let digits = (self.0 + 0.0).to_string(); // -0 is 0
        if self.0.is_finite() && digits.len() <= CHOSEN {
            return f.pad(&digits);
        }
        let without_noise = to_digits(self.0, 12);
        let chosen = to_digits(self.0, CHOSEN);
        let shown = if chosen == without_noise {
            chosen
        } else if without_noise.abs() >= 1000.0 {
            without_noise.round()
        } else {
            to_digits(self.0, 4)
        };
        let is_plain = shown == 0.0 || (1e-7..1e16).contains(&shown.abs());
        if shown.is_finite() && is_plain {
            f.pad(&(shown + 0.0).to_string())
        } else if shown.is_finite() {
            f.pad(&format!("{shown:e}"))
        } else {
            f.pad(&text(self.0))
        }
    }
}

/// Rounded to so many significant digits.
fn to_digits(x: f64, digits: usize) -> f64 {
    let rounded = format!("{x:.*e}", digits.saturating_sub(1)).parse();
    rounded.unwrap_or(f64::NAN)
}

/// A confidence as a percentage, with as many digits as tell it from certainty.
pub(crate) struct Percent(pub(crate) Confidence);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = 100.0 * (1.0 - self.0.get());
        write!(f, "{}%", 100.0 - to_digits(error, 2))
    }
}

/// A p-value: three digits, and never a bare zero.
pub(crate) struct ShowP(pub(crate) f64);

impl fmt::Display for ShowP {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            p if p < 1e-300 => f.pad("p < 1e-300"),
            p if p < 1e-4 => f.pad(&format!("p = {p:.1e}")),
            p => f.pad(&format!("p = {p:.4}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_and_no_noise() {
        for (x, shown) in [
            (0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (12.3456, "12.3"),
            (150.2, "150"),
            (-799.6, "-800"),
            (99.97, "100"),
            (-0.004_321_9, "-0.00432"),
            (123_456.7, "123457"),
            (1e300, "1.00e300"),
            (f64::INFINITY, "∞"),
        ] {
            assert_eq!(Show(x).to_string(), shown);
        }
        assert_eq!(Given(100.0 * 0.999).to_string(), "99.9");
        for (x, shown) in [
            (1234.5, "1234.5"),
            (0.123_456, "0.123456"),
            (100.0 / 3.0, "33.33"),
            (1e9 / 7.0, "142857143"),
            (12.0 * (1.0 + 1e-14), "12"),
            (-0.0, "0"),
            (1e-7, "0.0000001"),
            (5e-320, "5e-320"),
            (1.0953e-320, "1.0953e-320"),
            (1e15, "1000000000000000"),
            (-5e290, "-5e290"),
            (f64::INFINITY, "∞"),
        ] {
            assert_eq!(Given(x).to_string(), shown);
        }
        for (confidence, shown) in [
            (0.95, "95%"),
            (1.0 - 0.05 / 6.0, "99.17%"),
            (1.0 - 0.05 / 6e5, "99.9999917%"),
        ] {
            let confidence = Confidence::try_from(confidence).unwrap();
            assert_eq!(Percent(confidence).to_string(), shown);
        }
        assert_eq!(ShowP(0.0).to_string(), "p < 1e-300");
    }
}
