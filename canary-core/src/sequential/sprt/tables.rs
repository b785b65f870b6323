//! What a 2×2 table says about the odds ratio, given its margins.

use crate::data::Arms;
use crate::number::density::ln_binomial;

/// Events and trials of one arm, as doubles.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) events: f64,
    pub(super) trials: f64,
}

/// The logarithm of the likelihood ratio of two odds ratios ψ₁ over ψ₀, given all events m and the
/// trials of both arms: of the canary's events, Fisher's noncentral hypergeometric distribution
/// (Cornfield 1956) says `ψ^x C(nc, x) C(nb, m - x) / P(ψ)`, and so
///
/// x ln(ψ₁/ψ₀) - ln P(ψ₁) + ln P(ψ₀).
pub(super) fn log_ratio(arms: Arms<Row>, null: f64, alternative: f64) -> f64 {
    let Arms { baseline, canary } = arms;
    let (all, events) = (
        baseline.trials + canary.trials,
        baseline.events + canary.events,
    );
    let is_settled = events == 0.0 || events == all;
    if is_settled || baseline.trials == 0.0 || canary.trials == 0.0 {
        return 0.0; // the margins say it all
    }
    canary.events * (alternative / null).ln()
        - (ln_sum(arms, events, alternative) - ln_sum(arms, events, null))
}

/// `ln Σ C(nc, u) C(nb, m - u) ψ^u / C(n, m)`.
fn ln_sum(arms: Arms<Row>, events: f64, odds_ratio: f64) -> f64 {
    if odds_ratio == 1.0 {
        return 0.0;
    }
    let (nb, nc) = (arms.baseline.trials, arms.canary.trials);
    let all = nb + nc;
    let rest = all - events;
    // One in its row or column: it is the canary's event, or it is not.
    if nc == 1.0 {
        return ((rest + events * odds_ratio) / all).ln();
    }
    if nb == 1.0 {
        let odds = odds_ratio.ln();
        return (events - 1.0) * odds + ((events + rest * odds_ratio) / all).ln();
    }
    if events == 1.0 {
        return ((nb + nc * odds_ratio) / all).ln();
    }
    let low = (events - nb).max(0.0);
    let high = events.min(nc);
    let mode = mode(nc, nb, events, odds_ratio).floor().clamp(low, high);
    let (p, q) = (events / all, rest / all);
    let ln_term = |u: f64| {
        ln_binomial(u, nc - u, p, q) + ln_binomial(events - u, nb - events + u, p, q)
            - ln_binomial(events, rest, p, q)
            + u * odds_ratio.ln()
    };
    let largest = ln_term(mode);
    let cells = [mode, nc - mode, events - mode, nb - events + mode];
    let spread = cells.iter().map(|cell| 1.0 / (cell + 1.0)).sum::<f64>();
    let stride = (0.125 / spread.sqrt()).floor();
    if stride < 8.0 {
        // Each term from its neighbour.
        let up =
            |u: f64| odds_ratio * (nc - u) * (events - u) / ((u + 1.0) * (nb - events + u + 1.0));
        let above = outwards(mode, 1.0, high, |u, term| term * up(u - 1.0));
        let below = outwards(mode, -1.0, low, |u, term| term / up(u));
        return largest + (1.0 + above + below).ln();
    }
    // A sum over a wide bell is that over every few of its terms, by Poisson's summation formula: to
    // all digits, with eight of them to a standard deviation.
    let relative = |u: f64, _| (ln_term(u) - largest).exp();
    let above = outwards(mode, stride, high, relative);
    let below = outwards(mode, -stride, low, relative);
    largest + (stride * (1.0 + above + below)).ln()
}

/// Σ of the terms from the mode (where it is 1) towards `end`, until they are nothing to the sum.
fn outwards(mode: f64, step: f64, end: f64, next: impl Fn(f64, f64) -> f64) -> f64 {
    let (mut u, mut term, mut sum) = (mode, 1.0, 0.0);
    for _ in 0..10_000 {
        u += step;
        if (u - end) * step > 0.0 {
            break;
        }
        term = next(u, term);
        sum += term;
        if term < 1e-18 {
            break;
        }
    }
    sum
}

/// Near the likeliest count of the canary's events: `u (nb - m + u) = ψ (nc - u) (m - u)`.
fn mode(nc: f64, nb: f64, events: f64, odds_ratio: f64) -> f64 {
    let square = odds_ratio - 1.0;
    let linear = odds_ratio * (nc + events) + nb - events;
    let product = odds_ratio * nc * events;
    let root = (linear * linear - 4.0 * square * product).max(0.0).sqrt();
    if linear >= 0.0 {
        2.0 * product / (linear + root)
    } else {
        (linear - root) / (2.0 * square)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arms(b: (f64, f64), c: (f64, f64)) -> Arms<Row> {
        Arms::new(b, c).map(|(events, trials)| Row { events, trials })
    }

    #[test]
    fn a_pair_that_differs_is_walds_double_dichotomy() {
        for (canary, expected) in [
            (1.0, (2.0 * 2.0 / 3.0_f64).ln()),
            (0.0, (2.0 / 3.0_f64).ln()),
        ] {
            let pair = arms((1.0 - canary, 1.0), (canary, 1.0));
            assert!((log_ratio(pair, 1.0, 2.0) - expected).abs() < 1e-15);
        }
        assert_eq!(log_ratio(arms((1.0, 1.0), (1.0, 1.0)), 1.0, 2.0), 0.0);
        assert_eq!(log_ratio(arms((0.0, 1.0), (0.0, 1.0)), 1.0, 2.0), 0.0);
    }

    /// The sum over all tables, with mpmath.
    #[test]
    fn agrees_with_independent_digits() {
        for (b, c, null, alternative, expected) in [
            ((3.0, 7.0), (5.0, 9.0), 1.0, 2.0, 0.095_646_774_907_639_82),
            ((8.0, 950.0), (2.0, 50.0), 1.0, 2.0, 0.900_325_286_372_751_5),
            ((8.0, 950.0), (2.0, 50.0), 1.5, 3.0, 0.686_631_770_908_209),
            (
                (900.0, 1000.0),
                (30.0, 50.0),
                1.0,
                0.5,
                8.545_833_008_257_544,
            ),
            (
                (300.0, 9500.0),
                (40.0, 500.0),
                1.0,
                1.5,
                7.887_646_872_740_208,
            ),
            (
                (30000.0, 60000.0),
                (31000.0, 60000.0),
                1.0,
                1.05,
                15.470_908_403_649_57,
            ),
            ((1.0, 1.0), (3.0, 19.0), 1.0, 2.0, -0.587_786_664_902_119),
            ((5.0, 19.0), (1.0, 1.0), 1.0, 2.0, 0.430_782_916_092_454_3),
            (
                (70000.0, 150_000.0),
                (4000.0, 8000.0),
                1.1,
                4.0,
                -1_411.174_757_554_355,
            ),
        ] {
            let got = log_ratio(arms(b, c), null, alternative);
            let error = (got - expected).abs() / expected.abs().max(1.0);
            assert!(error < 1e-11, "{b:?} {c:?}: {got} {expected}");
        }
    }

    #[test]
    fn rare_events_are_a_split() {
        // Nothing is drawn twice from 10^15: 30 of 40 events with half of the traffic each.
        let got = log_ratio(arms((10.0, 1e15), (30.0, 1e15)), 1.0, 2.0);
        let expected = 30.0 * (4.0 / 3.0_f64).ln() + 10.0 * (2.0 / 3.0_f64).ln();
        assert!((got - expected).abs() < 1e-11, "{got} {expected}");
    }

    #[test]
    fn exchanged_arms_and_odds_are_the_same() {
        let table = arms((40.0, 900.0), (11.0, 100.0));
        let got = log_ratio(table.swap(), 1.0, 0.5);
        assert!((got - log_ratio(table, 1.0, 2.0)).abs() < 1e-12);
    }
}
