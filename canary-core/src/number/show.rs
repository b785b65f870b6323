//! Numbers for people.

use std::fmt;

/// A number with as many digits as a person reads: four significant ones, no trailing zeros, whole
/// numbers up to a million in full, and an exponent only where the zeros would have to be counted.
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
        return format!("{x:.3e}");
    }
    if size >= 1000.0 || x.fract() == 0.0 {
        return format!("{x:.0}");
    }
    let decimals = (3 - size.log10().floor() as i32).clamp(0, 8) as usize;
    let fixed = format!("{x:.decimals$}");
    fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
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
    fn four_digits_and_no_noise() {
        for (x, shown) in [
            (0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (12.3456, "12.35"),
            (-0.004_321_9, "-0.004322"),
            (123_456.7, "123457"),
            (1e300, "1.000e300"),
            (f64::INFINITY, "∞"),
        ] {
            assert_eq!(Show(x).to_string(), shown);
        }
        assert_eq!(ShowP(0.0).to_string(), "p < 1e-300");
    }
}
