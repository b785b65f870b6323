//! The units of numbers that are compared, added, multiplied and divided.

use super::super::units::{Quantity, sizes};
use super::parse::is_factor;

/// The unit of a number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unit {
    /// Empty for a number without a unit, such as a count or a share from 0 to 1. `None` for a
    /// bare number, which is in the unit of whatever it meets.
    pub(super) label: Option<String>,
    /// Whether somebody wrote it into the condition, so that it gives way to what was measured.
    pub(super) is_written: bool,
}

/// Multiply by the first, divide by the second.
pub(super) type Conversion = Option<(f64, f64)>;

/// Two numbers' common unit, and how each gets into it.
pub(super) struct Common {
    pub(super) unit: Unit,
    pub(super) left: Conversion,
    pub(super) right: Conversion,
}

impl Unit {
    /// The unit that a metric has.
    pub(super) fn measured(label: &str) -> Self {
        Self {
            label: Some(plain(label).to_owned()),
            is_written: false,
        }
    }

    /// The unit that a quantity was written with.
    pub(super) fn written(quantity: &Quantity) -> Self {
        let label = match quantity.unit() {
            "" => None,
            unit => Some(plain(unit).to_owned()),
        };
        Self {
            label,
            is_written: true,
        }
    }

    /// A fraction of something, as percentages and factors are when they multiply.
    fn as_fraction(&self) -> Option<(f64, f64)> {
        let label = self.label.as_deref()?;
        self.is_written.then(|| sizes(label, "")).flatten()
    }
}

/// A factor and a proportion are numbers without a unit.
fn plain(label: &str) -> &str {
    match label {
        "proportion" | "ratio" => "",
        label if is_factor(label) => "",
        label => label,
    }
}

/// Of numbers that are compared or added; `None` when their units do not convert.
pub(super) fn alike(left: &Unit, right: &Unit) -> Option<Common> {
    let is_written = left.is_written && right.is_written;
    let common = |label: Option<&String>, left, right| Common {
        unit: Unit {
            label: label.cloned(),
            is_written,
        },
        left,
        right,
    };
    let (Some(a), Some(b)) = (&left.label, &right.label) else {
        let label = left.label.as_ref().or(right.label.as_ref());
        return Some(common(label, None, None));
    };
    if a == b {
        return Some(common(Some(a), None, None));
    }
    if left.is_written && !right.is_written {
        return Some(common(Some(b), Some(sizes(a, b)?), None));
    }
    Some(common(Some(a), None, Some(sizes(b, a)?)))
}

/// Of a product.
pub(super) fn times(left: &Unit, right: &Unit) -> Common {
    let is_written = left.is_written && right.is_written;
    let common = |label: Option<String>, left, right| Common {
        unit: Unit { label, is_written },
        left,
        right,
    };
    match (&left.label, &right.label) {
        (None, label) | (label, None) => common(label.clone(), None, None),
        (Some(a), Some(b)) => match (left.as_fraction(), right.as_fraction()) {
            (Some(fraction), _) => common(Some(b.clone()), Some(fraction), None),
            (None, Some(fraction)) => common(Some(a.clone()), None, Some(fraction)),
            _ if a.is_empty() => common(Some(b.clone()), None, None),
            _ if b.is_empty() => common(Some(a.clone()), None, None),
            _ => common(Some(format!("{a}*{b}")), None, None),
        },
    }
}

/// Of a quotient: two units of one kind leave a number without one.
pub(super) fn over(left: &Unit, right: &Unit) -> Common {
    let is_written = left.is_written && right.is_written;
    let common = |label: Option<String>, right| Common {
        unit: Unit { label, is_written },
        left: None,
        right,
    };
    let Some(b) = &right.label else {
        return common(left.label.clone(), None);
    };
    let per = if b.contains(['/', '*']) {
        format!("/({b})")
    } else {
        format!("/{b}")
    };
    match (&left.label, right.as_fraction()) {
        (None, Some(fraction)) => common(None, Some(fraction)),
        (None, None) if b.is_empty() => common(Some(String::new()), None),
        (None, None) => common(Some(per), None),
        (Some(a), _) if a == b => common(Some(String::new()), None),
        (Some(a), Some(fraction)) => common(Some(a.clone()), Some(fraction)),
        (Some(a), None) if b.is_empty() => common(Some(a.clone()), None),
        (Some(a), None) => match sizes(b, a) {
            Some(conversion) => common(Some(String::new()), Some(conversion)),
            None => common(Some(format!("{a}{per}")), None),
        },
    }
}
