//! Names of metrics with wildcards, for dry runs and retention.

use serde::{Deserialize, Deserializer, Serialize};

/// Which metrics a rule is for: a regular expression in Argo, found anywhere in the name.
///
/// Here: the name's own characters, `.` for any one of them, `.*` for any number, `^` and `$` for
/// the ends. Anything else that means something in a regular expression is refused when read.
///
/// ```
/// use canary_core::judge::engines::ArgoPattern;
///
/// let pattern: ArgoPattern = serde_json::from_str(r#"{"metricName": "test.*"}"#)?;
/// assert!(pattern.matches("my-test-1"));
/// assert!(serde_json::from_str::<ArgoPattern>(r#"{"metricName": "a|b"}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArgoPattern {
    #[serde(deserialize_with = "understood")]
    metric_name: String,
}

fn understood<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let pattern = String::deserialize(deserializer)?;
    let inside = pattern.strip_prefix('^').unwrap_or(&pattern);
    let inside = inside.strip_suffix('$').unwrap_or(inside).replace(".*", "");
    match inside.chars().find(|c| "\\+*?()|[]{}^$".contains(*c)) {
        None => Ok(pattern),
        Some(c) => {
            let rule = "must have no other wildcards than ., .*, ^ and $";
            Err(serde::de::Error::custom(format!(
                "metricName: {rule}, got `{c}`"
            )))
        }
    }
}

impl ArgoPattern {
    /// The pattern as written.
    #[must_use]
    pub fn metric_name(&self) -> &str {
        &self.metric_name
    }

    /// Whether the pattern is found in the name.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let pattern = self.metric_name.as_str();
        let (start, pattern) = match pattern.strip_prefix('^') {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let (end, pattern) = match pattern.strip_suffix('$') {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let name: Vec<char> = name.chars().collect();
        let pieces: Vec<Vec<char>> = pattern.split(".*").map(|p| p.chars().collect()).collect();
        found(&name, &pieces, start, end)
    }
}

/// Whether the pieces stand in the name one after the other, the first at its start, the last at
/// its end, where these are asked for. The leftmost place is the best, but for the last.
fn found(name: &[char], pieces: &[Vec<char>], start: bool, end: bool) -> bool {
    let mut rest = name;
    for (index, piece) in pieces.iter().enumerate() {
        let first = index == 0 && start;
        let last = index + 1 == pieces.len() && end;
        let Some(most) = rest.len().checked_sub(piece.len()) else {
            return false;
        };
        let from = if last { most } else { 0 };
        let to = if first { 0 } else { most };
        let place = (from..=to).find(|&at| {
            let there = rest.iter().skip(at).zip(piece);
            there.into_iter().all(|(c, p)| *p == '.' || c == p)
        });
        match place.and_then(|at| rest.get(at + piece.len()..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::ArgoPattern;

    #[test]
    fn patterns_match_as_regular_expressions_do() {
        for (pattern, name, expected) in [
            ("test", "my-test-1", true),
            ("^test", "my-test-1", false),
            ("^my", "my-test-1", true),
            ("1$", "my-test-1", true),
            ("test$", "my-test-1", false),
            ("^test$", "test", true),
            ("^test$", "testtest", false),
            ("a.*b$", "a-b-b", true),
            ("^a.*a$", "a", false),
            ("^a.*a$", "aa", true),
            ("t.st", "my-tast", true),
            (".*", "", true),
            ("", "x", true),
            ("^$", "x", false),
            ("longer", "long", false),
        ] {
            let json = serde_json::json!({ "metricName": pattern });
            let pattern: ArgoPattern = serde_json::from_value(json).unwrap();
            assert_eq!(pattern.matches(name), expected, "{pattern:?} {name}");
        }
    }
}
