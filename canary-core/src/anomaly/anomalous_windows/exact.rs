//! Exact null distributions of sums of whole numbers, by convolution.

use crate::data::Arms;
use crate::options::Alternative;

/// Sums beyond this are counted in coarser steps: any function of the blocks has an exact null
/// distribution, rounded counts too.
const FINEST: u64 = 2048;

/// The tails of a sum at what was seen, both with what was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Tails {
    at_least: f64,
    at_most: f64,
}

impl Tails {
    fn of(probabilities: &[f64], seen: usize) -> Self {
        let (low, high) = probabilities.split_at(seen.min(probabilities.len()));
        let at = high.first().copied().unwrap_or_default();
        Self {
            at_least: high.iter().sum::<f64>().min(1.0),
            at_most: (low.iter().sum::<f64>() + at).min(1.0),
        }
    }

    fn p_value(self, alternative: Alternative) -> f64 {
        match alternative {
            Alternative::Greater => self.at_least,
            Alternative::Less => self.at_most,
            Alternative::TwoSided => (2.0 * self.at_least.min(self.at_most)).min(1.0),
        }
    }
}

/// How many counts are one step, so that a total of them is not too many steps.
fn step(total: u64) -> u64 {
    total.div_ceil(FINEST).max(1)
}

/// The sign-flip test: each difference has either sign with probability ½ under the null
/// hypothesis.
pub(super) fn flip(differences: &[i64], alternative: Alternative) -> f64 {
    let total = |d: &[i64]| d.iter().map(|d| d.unsigned_abs()).sum::<u64>();
    let step = step(total(differences)) as i64;
    // Rounded towards zero, on either side alike.
    let differences: Vec<i64> = differences.iter().map(|d| d / step).collect();
    // The sum of the positive parts: each is there or not.
    let mut probabilities = vec![0.0; total(&differences) as usize + 1];
    if let Some(first) = probabilities.first_mut() {
        *first = 1.0;
    }
    for size in differences.iter().map(|d| d.unsigned_abs() as usize) {
        let mut flipped = probabilities.clone();
        if size > 0 {
            flipped.iter_mut().for_each(|p| *p *= 0.5);
            let shifted = probabilities.iter().map(|p| 0.5 * p);
            for (slot, p) in flipped.iter_mut().skip(size).zip(shifted) {
                *slot += p;
            }
        }
        probabilities = flipped;
    }
    let seen: u64 = differences.iter().map(|&d| d.max(0).unsigned_abs()).sum();
    Tails::of(&probabilities, seen as usize).p_value(alternative)
}

/// The permutation test of blocks of one size: which of all blocks are the canary's is chance under
/// the null hypothesis.
pub(super) fn permute(baseline: &[u64], canary: &[u64], alternative: Alternative) -> f64 {
    if baseline.len() < canary.len() {
        // Fewer blocks, fewer cases: of the same total.
        return permute(canary, baseline, alternative.opposite());
    }
    let step = step(baseline.iter().chain(canary).sum());
    let all: Vec<usize> = baseline
        .iter()
        .chain(canary)
        .map(|c| (c / step) as usize)
        .collect();
    let total: usize = all.iter().sum();
    let wanted = canary.len();
    // probabilities[j][s]: that j of the blocks so far are the canary's, and add up to s.
    let mut probabilities = vec![vec![0.0; total + 1]; wanted + 1];
    if let Some(slot) = probabilities.first_mut().and_then(|row| row.first_mut()) {
        *slot = 1.0;
    }
    for (index, &count) in all.iter().enumerate() {
        let left = (all.len() - index) as f64;
        // From above, so that what a row takes from the one below is still the old.
        for chosen in (0..=wanted.min(index + 1)).rev() {
            let taken = |chosen: usize| (wanted - chosen) as f64 / left;
            let (below, from) = probabilities.split_at_mut(chosen);
            let Some(row) = from.first_mut() else {
                continue;
            };
            let stays = (1.0 - taken(chosen)).max(0.0);
            row.iter_mut().for_each(|p| *p *= stays);
            if let Some(before) = below.last() {
                let comes = taken(chosen - 1);
                for (slot, p) in row.iter_mut().skip(count).zip(before) {
                    *slot += comes * p;
                }
            }
        }
    }
    let seen: u64 = canary.iter().map(|c| c / step).sum();
    let last = probabilities.last().map(Vec::as_slice);
    Tails::of(last.unwrap_or_default(), seen as usize).p_value(alternative)
}

/// Whether so many blocks with so many anomalous windows are within reason.
pub(super) fn is_feasible(blocks: Arms<usize>, anomalous: u64, paired: bool) -> bool {
    const MOST: u64 = 10_000_000;
    let (all, few) = (
        blocks.baseline + blocks.canary,
        blocks.baseline.min(blocks.canary),
    );
    let sums = anomalous.min(FINEST);
    let cost = (all as u64).saturating_mul(sums);
    (if paired {
        cost
    } else {
        cost.saturating_mul(few as u64)
    }) <= MOST
}

/// The least p-value that so many blocks can give.
pub(super) fn least(baseline: usize, canary: usize, paired: bool) -> f64 {
    if paired {
        return 0.5_f64.powi(i32::try_from(canary).unwrap_or(i32::MAX));
    }
    let (few, all) = (baseline.min(canary), baseline + canary);
    let factor = |i: usize| (i as f64 + 1.0) / (all - few + i + 1) as f64;
    (0..few.min(1000)).map(factor).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every choice of signs, every choice of blocks.
    #[test]
    fn agree_with_all_cases_counted() {
        let differences = [3, -1, 0, 2, 2, -4, 1];
        let sum: i64 = differences.iter().sum();
        let mut at_least = 0;
        for signs in 0..1 << 7 {
            let signed = |(i, d): (usize, &i64)| if signs >> i & 1 == 1 { -d } else { *d };
            at_least += i32::from(differences.iter().enumerate().map(signed).sum::<i64>() >= sum);
        }
        let p = flip(&differences, Alternative::Greater);
        assert!((p - f64::from(at_least) / 128.0).abs() < 1e-14);

        let (baseline, canary) = ([0, 3, 1, 1, 0, 2], [2, 4, 1]);
        let all: Vec<u64> = baseline.iter().chain(&canary).copied().collect();
        let (mut cases, mut at_least, mut at_most) = (0, 0, 0);
        for chosen in 0_u32..1 << 9 {
            if chosen.count_ones() == 3 {
                let sum: u64 = (0..9)
                    .filter(|i| chosen >> i & 1 == 1)
                    .map(|i| all[i])
                    .sum();
                cases += 1;
                at_least += i32::from(sum >= 7);
                at_most += i32::from(sum <= 7);
            }
        }
        assert_eq!(cases, 84);
        for (alternative, expected) in [
            (Alternative::Greater, f64::from(at_least) / 84.0),
            (Alternative::Less, f64::from(at_most) / 84.0),
            (Alternative::TwoSided, f64::from(at_least) / 42.0),
        ] {
            let p = permute(&baseline, &canary, alternative);
            assert!((p - expected).abs() < 1e-14, "{alternative} {p} {expected}");
        }
    }

    #[test]
    fn the_least_p_value_is_that_of_the_clearest_case() {
        assert_eq!(flip(&[1; 6], Alternative::Greater), least(6, 6, true));
        let p = permute(&[0; 7], &[1; 4], Alternative::Greater);
        assert!((p - least(7, 4, false)).abs() < 1e-15, "{p}");
        assert_eq!(flip(&[0; 6], Alternative::Greater), 1.0);
        assert_eq!(permute(&[2; 3], &[2; 3], Alternative::TwoSided), 1.0);
    }

    #[test]
    fn large_counts_are_rounded() {
        let differences: Vec<i64> = (0..40).map(|i| (i * 7919 % 20_000) - 8000).collect();
        let p = flip(&differences, Alternative::Greater);
        let (sum, squares) = differences.iter().fold((0.0, 0.0), |(sum, squares), &d| {
            (sum + d as f64, squares + (d as f64).powi(2))
        });
        let normal = crate::number::normal::sf(sum / f64::sqrt(squares));
        assert!((p / normal - 1.0).abs() < 0.15, "{p} {normal}");
    }
}
