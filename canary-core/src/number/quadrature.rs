//! Integrals of smooth functions by Gauss and Legendre's rule on panels.

/// Positive nodes and weights of the 20-point rule on [-1, 1] (Abramowitz and Stegun, table 25.4).
const RULE: [(f64, f64); 10] = [
    (0.076_526_521_133_497_33, 0.152_753_387_130_725_85),
    (0.227_785_851_141_645_08, 0.149_172_986_472_603_75),
    (0.373_706_088_715_419_56, 0.142_096_109_318_382_05),
    (0.510_867_001_950_827_1, 0.131_688_638_449_176_63),
    (0.636_053_680_726_515, 0.118_194_531_961_518_42),
    (0.746_331_906_460_150_8, 0.101_930_119_817_240_44),
    (0.839_116_971_822_218_8, 0.083_276_741_576_704_75),
    (0.912_234_428_251_326, 0.062_672_048_334_109_06),
    (0.963_971_927_277_913_8, 0.040_601_429_800_386_94),
    (0.993_128_599_185_094_9, 0.017_614_007_139_152_118),
];

/// ∫ f over [low, high], one panel.
pub(crate) fn panel(f: &impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    let pairs = RULE.iter().map(|&(node, weight)| {
        let reach = half * node;
        weight * (f(middle - reach) + f(middle + reach))
    });
    half * pairs.sum::<f64>()
}

/// ∫ f over [low, high] by the 4-point rule: for a small step of a smooth function.
pub(crate) fn four_points(f: &impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    const RULE: [(f64, f64); 2] = [
        (0.339_981_043_584_856_26, 0.652_145_154_862_546_1),
        (0.861_136_311_594_052_6, 0.347_854_845_137_453_86),
    ];
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    let pairs = RULE.iter().map(|&(node, weight)| {
        let reach = half * node;
        weight * (f(middle - reach) + f(middle + reach))
    });
    half * pairs.sum::<f64>()
}

/// ∫ f over [low, high], in `panels` panels of the same width.
pub(crate) fn integral(f: impl Fn(f64) -> f64, low: f64, high: f64, panels: u32) -> f64 {
    let width = (high - low) / f64::from(panels);
    (0..panels)
        .map(|i| {
            let start = low + width * f64::from(i);
            panel(&f, start, start + width)
        })
        .sum()
}

/// ∫ f from `start` on, towards the sign of `step`, in panels of that width, until what a panel
/// adds is nothing to the sum or `end` is reached. For an f that falls off.
pub(crate) fn tail(f: impl Fn(f64) -> f64, start: f64, step: f64, end: f64) -> f64 {
    let mut sum = 0.0;
    let mut from = start;
    for _ in 0..400 {
        let to = if step > 0.0 {
            (from + step).min(end)
        } else {
            (from + step).max(end)
        };
        let part = panel(&f, from.min(to), from.max(to));
        sum += part;
        if part <= 1e-17 * sum || to == end {
            break;
        }
        from = to;
    }
    sum
}

/// Nodes and weights of the rule on [low, high], in `panels` panels of the same width, ascending.
pub(crate) fn nodes(low: f64, high: f64, panels: u32) -> Vec<(f64, f64)> {
    let half = 0.5 * (high - low) / f64::from(panels);
    let below = RULE.iter().rev().map(|&(node, weight)| (-node, weight));
    let rule: Vec<_> = below.chain(RULE).collect();
    let middles = (0..panels).map(|i| low + half * f64::from(2 * i + 1));
    let panel = |middle: f64| {
        let place = move |&(node, weight): &(f64, f64)| (middle + half * node, half * weight);
        rule.iter().map(place).collect::<Vec<_>>()
    };
    middles.flat_map(panel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_functions_have_all_their_digits() {
        let sine = integral(f64::sin, 0.0, std::f64::consts::PI, 2);
        assert!((sine - 2.0).abs() < 1e-14, "{sine}");
        let exponential = tail(|x| (-x).exp(), 1.0, 2.0, f64::INFINITY);
        assert!((exponential * 1f64.exp() - 1.0).abs() < 1e-14);
        let below = tail(f64::exp, 1.0, -2.0, f64::NEG_INFINITY);
        assert!((below / 1f64.exp() - 1.0).abs() < 1e-14);
    }
}
