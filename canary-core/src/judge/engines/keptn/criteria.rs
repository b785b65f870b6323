//! Criteria as Keptn's SLO files have them: `<600`, `<=+10%`, `>-8`.

/// One criterion: a comparison with a number, or with what was measured before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Criterion {
    operator: &'static str,
    target: Target,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Target {
    Fixed(f64),
    /// So many percent above what was measured before.
    Percent(f64),
    /// So much above what was measured before.
    Difference(f64),
}

impl Criterion {
    /// Reads a criterion; none for one that is wrong, which is never met.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.replace(' ', "");
        let operators = ["<=", "<", "=", ">=", ">"];
        let operator = operators
            .into_iter()
            .find(|operator| text.starts_with(operator))?;
        let rest = text.strip_prefix(operator)?;
        let (rest, is_percent) = match rest.strip_suffix('%') {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let (rest, sign) = match (rest.strip_prefix('-'), rest.strip_prefix('+')) {
            (Some(rest), _) => (rest, Some(-1.0)),
            (_, Some(rest)) => (rest, Some(1.0)),
            _ => (rest, None),
        };
        let number: f64 = rest.parse().ok()?;
        let too_large = number.is_infinite() && !rest.to_lowercase().contains("inf");
        let target = match (is_percent, sign) {
            (true, sign) => Target::Percent(sign.unwrap_or(1.0) * number),
            (false, Some(sign)) => Target::Difference(sign * number),
            (false, None) => Target::Fixed(number),
        };
        (!too_large).then_some(Self { operator, target })
    }

    /// Whether a value meets it; `before` is what was measured before, if anything was.
    pub(super) fn is_met(self, value: f64, before: Option<f64>) -> bool {
        let target = match (self.target, before) {
            (Target::Fixed(target), _) => target,
            (Target::Percent(percent), Some(before)) => before * (100.0 + percent) / 100.0,
            (Target::Difference(difference), Some(before)) => before + difference,
            // Nothing to compare with: it passes.
            (Target::Percent(_) | Target::Difference(_), None) => return true,
        };
        match self.operator {
            "<=" => value <= target,
            "<" => value < target,
            "=" => value == target,
            ">=" => value >= target,
            _ => value > target,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criteria_are_read_as_keptn_does() {
        let is_met =
            |text: &str, value, before| Criterion::parse(text).map(|it| it.is_met(value, before));
        for (text, value, before, expected) in [
            ("<600", 599.0, None, Some(true)),
            ("<600", 600.0, None, Some(false)),
            ("= 0", 0.0, Some(5.0), Some(true)),
            (">=99.5", 99.5, None, Some(true)),
            ("<=+10%", 110.0, Some(100.0), Some(true)),
            ("<=+10%", 110.1, Some(100.0), Some(false)),
            // A percentage without a sign is an increase.
            ("<=10%", 110.0, Some(100.0), Some(true)),
            (">=-10%", 89.9, Some(100.0), Some(false)),
            ("<=+5", 105.0, Some(100.0), Some(true)),
            (">-5", 95.0, Some(100.0), Some(false)),
            // Nothing before: it passes, whatever the value.
            ("<=+10%", 1e9, None, Some(true)),
            (">-5", -1e9, None, Some(true)),
            // "-5" is never a negative number, but five less than before.
            ("<-5", 0.0, None, Some(true)),
            // Twice the sign: what is left is read as a number.
            ("<--5", 5.0, Some(0.0), Some(false)),
            ("<--5", 4.9, Some(0.0), Some(true)),
            ("<1e3", 999.0, None, Some(true)),
            ("600", 1.0, None, None),
            ("==600", 600.0, None, None),
            ("=>600", 700.0, None, None),
            ("<", 1.0, None, None),
            ("<600ms", 1.0, None, None),
            ("<1e999", 1.0, None, None),
            ("<%", 1.0, None, None),
            ("", 1.0, None, None),
        ] {
            assert_eq!(
                is_met(text, value, before),
                expected,
                "{text:?} {value} {before:?}"
            );
        }
    }
}
