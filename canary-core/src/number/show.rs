//! Numbers for people.

use std::fmt;

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
/// converting it (12 significant digits).
pub(crate) struct Given(pub(crate) f64);

const SIGNIFICANT: usize = 12;

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What has few digits has no noise, and most that is chosen does.
        let digits = self.0.to_string();
        if self.0.is_finite() && digits.len() <= SIGNIFICANT {
            return f.pad(&digits);
        }
        match format!("{:.11e}", self.0).parse::<f64>() {
            Ok(rounded) if rounded.is_finite() => f.pad(&rounded.to_string()),
            _ => f.pad(&text(self.0)),
        }
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
        assert_eq!(Given(1234.5).to_string(), "1234.5");
        assert_eq!(ShowP(0.0).to_string(), "p < 1e-300");
    }
}
