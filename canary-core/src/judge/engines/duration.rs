//! Durations as Go writes them: `90s`, `1h30m`, `500ms`.

/// Seconds of a Go duration; none for what Go refuses.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0.0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (number, tail) = rest.split_at(digits);
        let end = tail
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(tail.len());
        let (unit, next) = tail.split_at(end);
        // "." alone is no number, and Rust's reader says so.
        total += number.parse::<f64>().ok()? * scale(unit)?;
        rest = next;
    }
    Some(sign * total).filter(|total| total.is_finite())
}

fn scale(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1e-9,
        "us" | "µs" | "μs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn durations_are_read_as_go_does() {
        for (text, expected) in [
            ("60s", Some(60.0)),
            ("1h30m", Some(5400.0)),
            ("1.5h", Some(5400.0)),
            ("500ms", Some(0.5)),
            ("-5m", Some(-300.0)),
            ("+.5s", Some(0.5)),
            ("0", Some(0.0)),
            ("", None),
            ("-", None),
            ("5", None),
            ("m", None),
            (".s", None),
            ("1d", None),
            ("5 m", None),
            ("1m5", None),
            ("1..5s", None),
        ] {
            assert_eq!(seconds(text), expected, "{text:?}");
        }
    }
}
