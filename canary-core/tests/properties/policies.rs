//! Policies of any numbers: advice and words, whatever the traffic.

use canary_core::judge::{
    Bound, Check, Condition, ExpectedTraffic, Looks, SampleRatioCondition, Statistic,
    TestCondition, TestGoal, TestMethod, Threshold, Watch,
};
use canary_core::{
    Arms, Confidence, Counts, Design, Direction, Margin, Metric, NanPolicy, Observations, Policy,
    Sample, Series, Snapshot, Summary, Verdict, judge,
};
use proptest::prelude::*;
use proptest::sample::select;

fn margin() -> impl Strategy<Value = Margin> {
    let size = prop_oneof![Just(0.0), 1e-9..1e-3, 0.001..500.0, Just(1e300)];
    (0..3, size).prop_map(|(kind, size)| match kind {
        0 => Margin::Factor(1.0 + size),
        1 => Margin::Percent(size),
        _ => Margin::Difference(size),
    })
}

fn number() -> impl Strategy<Value = f64> {
    let size = prop_oneof![
        Just(0.0),
        Just(1.0),
        1e-3..1e3_f64,
        Just(1e-300),
        Just(1e40)
    ];
    (size, any::<bool>()).prop_map(|(size, is_negative)| if is_negative { -size } else { size })
}

fn condition() -> impl Strategy<Value = Condition> {
    let share = prop_oneof![1e-12..1.0_f64, Just(1.0 - 1e-16), Just(1e-300)];
    let methods = select(TestMethod::ALL);
    let goals = select(TestGoal::ALL);
    let looks = select(Looks::ALL);
    (0..3, methods, goals, looks, margin(), share.clone(), share).prop_map(
        |(kind, method, goal, looks, margin, quantile, confidence)| match kind {
            0 => Threshold {
                statistic: Some(Statistic::Percentile(100.0 * quantile)),
                bound: Bound::Relative(margin),
            }
            .into(),
            1 => SampleRatioCondition::new(quantile).into(),
            _ => TestCondition {
                method,
                quantile,
                goal,
                looks,
                confidence: Confidence::try_from(confidence).unwrap(),
                ..TestCondition::new(margin)
            }
            .into(),
        },
    )
}

proptest! {
    #[test]
    fn advice_is_given_on_any_policy_with_any_traffic(
        condition in condition(), direction in select(Direction::ALL), unit in any::<bool>(),
        requests in prop_oneof![1e-12..1e12_f64, Just(1e300)], share in 1e-12..1.0_f64,
        minutes in prop_oneof![1e-9..1e9_f64, Just(1e300)], baseline_rate in 1e-12..1.0_f64,
        looks in any::<u64>(), min_sample in any::<u64>(),
    ) {
        let unit = unit.then(|| "ms".to_owned());
        let metrics = [("errors".to_owned(), Metric { direction, unit })];
        let check = Check { min_sample, ..Check::new("errors", condition) };
        let Ok(policy) = Policy::new(metrics.into(), vec![check]) else { return Ok(()) };
        let traffic = ExpectedTraffic {
            requests_per_second: requests, canary_share: share, minutes, baseline_rate, looks,
        };
        for advice in policy.advice(Some(&traffic)).unwrap() {
            for words in [&advice.what, &advice.why, &advice.instead] {
                prop_assert!(words.ends_with('.') && !words.contains("NaN"), "{}", advice);
            }
        }
        prop_assert!(policy.in_words().contains("errors"));
    }

    #[test]
    fn any_values_are_judged_at_any_look_and_before_and_after(
        condition in condition(), direction in select(Direction::ALL), design in select(Design::ALL),
        baseline in prop::collection::vec(number(), 1..40), canary in prop::collection::vec(number(), 1..40),
        later in prop_oneof![Just(0.0), Just(1e6)], kind in 0..4_u8,
    ) {
        let of = |values: &[f64], later: f64| -> Observations {
            let times = (0..values.len()).map(|i| i as f64 + later).collect();
            let events = values[0].abs() as u64 % 1000;
            match kind {
                0 => Sample::new(values.to_vec(), NanPolicy::Raise).unwrap().into(),
                1 => Series::new(times, values.to_vec(), NanPolicy::Raise).unwrap().into(),
                2 => Summary::of(values, NanPolicy::Raise).unwrap().into(),
                // Of no requests there is no rate.
                _ if values.len() == 1 => Counts::new(0, 0).unwrap().into(),
                _ => Counts::new(events, 1000).unwrap().into(),
            }
        };
        let metrics = [("m".to_owned(), Metric { direction, unit: None })];
        let Ok(policy) = Policy::new(metrics.into(), vec![Check::new("m", condition)]) else { return Ok(()) };
        let arms = Arms::new(of(&baseline, 0.0), of(&canary, later));
        let snapshot = Snapshot::new().with("m", arms).unwrap().designed(design);
        let mut watch = Watch::new(policy.clone());
        for verdict in [judge(&policy, &snapshot), watch.look(1.0, &snapshot)].into_iter().flatten() {
            let finding = &verdict.findings[0];
            prop_assert!(!finding.sentence.contains("estimated NaN"), "{}", finding);
            prop_assert!(verdict.design == finding.design);
            let read: Verdict = serde_json::from_str(&serde_json::to_string(&verdict).unwrap()).unwrap();
            // Nothing in it is no number, which would not equal itself.
            prop_assert_eq!(&verdict, &verdict.clone());
            prop_assert_eq!(&read, &verdict);
        }
        // NaN is unlike itself, but written like itself.
        let written = serde_json::to_string(&watch).unwrap();
        let read: Watch = serde_json::from_str(&written).unwrap();
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), written);
    }

    #[test]
    fn the_order_of_a_units_values_does_not_matter(
        values in prop::collection::vec((-1e3..1e3_f64, 0..5_u8), 1..40)
    ) {
        let means = |values: &[(f64, u8)]| {
            let (values, units): (Vec<f64>, Vec<u8>) = values.iter().copied().unzip();
            Sample::by_units(&values, &units, NanPolicy::Raise).unwrap().sorted().to_vec()
        };
        let backwards: Vec<_> = values.iter().rev().copied().collect();
        let (one, other) = (means(&values), means(&backwards));
        prop_assert_eq!(one.len(), other.len());
        for (one, other) in one.iter().zip(&other) {
            prop_assert!((one - other).abs() < 1e-9);
        }
    }

    #[test]
    fn units_of_any_numbers_are_taken_or_refused(
        values in prop::collection::vec(any::<f64>(), 0..20), units in prop::collection::vec(0..3_u8, 0..20)
    ) {
        for policy in NanPolicy::ALL {
            if let Ok(sample) = Sample::by_units(&values, &units, *policy) {
                prop_assert!(sample.values().iter().all(|mean| mean.is_finite()));
            }
        }
    }
}
