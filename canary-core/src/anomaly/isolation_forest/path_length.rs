//! How long the path of an unsuccessful search is on average (Liu, Ting and Zhou 2008, eq. 1).

/// γ.
const EULER_MASCHERONI: f64 = 0.577_215_664_901_532_9;

/// c(n), the expected path length below a node of n rows that were not told apart: 0 for 1, 1 for 2
/// and 2 (ln(n - 1) + γ) - 2 (n - 1) / n above. Rows that were sent both ways count in parts: between
/// whole numbers it is linear.
pub(super) fn below(n: f64) -> f64 {
    let (floor, part) = (n.floor(), n.fract());
    let low = below_whole(floor);
    if part > 0.0 {
        low + part * (below_whole(floor + 1.0) - low)
    } else {
        low
    }
}

fn below_whole(n: f64) -> f64 {
    if n <= 1.0 {
        0.0
    } else if n == 2.0 {
        1.0
    } else {
        2.0 * (libm::log(n - 1.0) + EULER_MASCHERONI) - 2.0 * (n - 1.0) / n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_at_its_corners() {
        assert_eq!(below(0.0), 0.0);
        assert_eq!(below(0.7), 0.0);
        assert_eq!(below(1.0), 0.0);
        assert_eq!(below(1.25), 0.25);
        assert_eq!(below(2.0), 1.0);
        assert!((below(3.0) - 1.207_392_357_589_623).abs() < 1e-15);
        assert!((below(256.0) - 10.244_770_920_119_917).abs() < 1e-13);
        assert!((below(2.5) - 0.5 * (below(2.0) + below(3.0))).abs() < 1e-15);
    }
}
