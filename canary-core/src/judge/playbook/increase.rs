//! How much worse than the baseline: as playbooks write it in YAML, and as they write it in code.

use crate::error::{Error, Result};
use crate::judge::units::Quantity;
use crate::options::Margin;

/// `error-rate-increase`: `50%` and the code's 0.5 are a part of the baseline on top of it, `1.5x` is a
/// multiple of it.
pub(super) fn of_error_rate(written: &Quantity) -> Result<Margin> {
    match (written.unit(), written.value()) {
        ("", part @ 0.0..=1.0) => Ok(Margin::Percent(100.0 * part)),
        _ => with_unit(
            written,
            "a plain number must lie in [0, 1], a part of the baseline",
        ),
    }
}

/// `latency-increase`: `50%` is a part of the baseline on top of it, `1.5x` and the code's 1.5 are a multiple
/// of it. What either of them could be is neither.
pub(super) fn of_latency(written: &Quantity) -> Result<Margin> {
    match (written.unit(), written.value()) {
        ("", times) if times > 1.0 && times < 10.0 => Ok(Margin::Factor(times)),
        _ => with_unit(
            written,
            "a plain number is a multiple of the baseline and must lie between 1 and 10",
        ),
    }
}

fn with_unit(written: &Quantity, plain: &str) -> Result<Margin> {
    let margin = match written.unit() {
        "%" | "percent" => Margin::Percent(written.value()),
        "x" | "×" => Margin::Factor(written.value()),
        _ => {
            let number = written.value();
            // As a part, 0.5 is 50 %; and 50 probably is too.
            let percent = if number < 10.0 {
                100.0 * number
            } else {
                number
            };
            let rule = format!(
                "is it a part or a multiple of the baseline? Write {percent}% or {number}x ({plain})"
            );
            return Err(Error::option("increase", rule, written));
        }
    };
    margin.check()
}
