//! Nothing panics, whatever it is given.

use canary_core::{Gauge, Histogram, Sample, Summary, TTest};

use super::t_u_z::{mann_whitney, t_test, two_proportion_z};
use super::table::*;
use super::*;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_values_panic_a_test(baseline in vec(any_number(), 0..12), canary in vec(any_number(), 0..12),
            t in t_test(), u in mann_whitney(), policy in select(NanPolicy::ALL), level in any_number()) {
        let arms = Arms { baseline, canary };
        for result in [
            t.nan_policy(policy).run(&arms),
            u.nan_policy(policy).run(&arms),
            t.nan_policy(policy).confidence(level).run(&arms),
            u.nan_policy(policy).confidence(level).run(&arms),
        ].into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&result.p_value), "{result:?}");
            let (low, value, high) = ends(&result);
            prop_assert!(!low.is_nan() && !value.is_nan() && !high.is_nan(), "{arms:?} {result:?}");
            prop_assert!(!result.statistic.is_nan(), "{arms:?} {result:?}");
            round_trip(&result)?;
        }
    }

    #[test]
    fn no_finite_values_panic_a_test(baseline in vec(finite_number(), 2..12),
            canary in vec(finite_number(), 2..12), t in t_test(), u in mann_whitney()) {
        let arms = Arms { baseline, canary };
        for result in [t.run(&arms), u.run(&arms)].into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&result.p_value), "{arms:?} {result:?}");
            let (low, value, high) = ends(&result);
            prop_assert!(!low.is_nan() && !value.is_nan() && !high.is_nan(), "{arms:?} {result:?}");
            round_trip(&result)?;
        }
    }

    #[test]
    fn no_counts_panic_a_test(b in any::<(u64, u64)>(), c in any::<(u64, u64)>(),
            z in two_proportion_z(), level in any_number()) {
        if let (Ok(baseline), Ok(canary)) = (Counts::new(b.0, b.1), Counts::new(c.0, c.1)) {
            let arms = Arms { baseline, canary };
            for result in [z.clone().run(&arms), z.confidence(level).run(&arms)].into_iter().flatten() {
                let (low, value, high) = ends(&result);
                prop_assert!(!low.is_nan() && !value.is_nan() && !high.is_nan(), "{result:?}");
                round_trip(&result)?;
            }
        }
    }

    #[test]
    fn no_numbers_panic_the_data(numbers in vec(any_number(), 0..12), others in vec(any_number(), 0..12),
            policy in select(NanPolicy::ALL), q in any_number(), n in any::<u64>()) {
        if let Ok(sample) = Sample::new(numbers.clone(), policy) {
            let _ = (sample.quantile(q), sample.sorted().len());
            prop_assert!(sample.values().iter().all(|x| x.is_finite()));
        }
        if let Ok(series) = Series::new(numbers.clone(), others.clone(), policy) {
            let _ = series.counter_increase();
            let _ = Series::align(Arms::new(&series, &series));
            prop_assert_eq!(series.times().len(), series.values().len());
        }
        if let Ok(histogram) = Histogram::new(&numbers, &others, Some(q)) {
            let _ = (histogram.quantile(q), histogram.mean(), histogram.merge(&histogram));
            let _ = histogram.since(&histogram);
        }
        if let Ok(summary) = Summary::of(&numbers, policy) {
            let _ = (summary.merge(summary), summary.stddev());
        }
        if let [first, second, ..] = *numbers.as_slice() {
            if let Ok(summary) = Summary::from_moments(n, first, second) {
                let both = Arms::new(summary, summary.merge(summary));
                if let Ok(result) = TTest::new().run_summaries(&both) {
                    prop_assert!((0.0..=1.0).contains(&result.p_value), "{result:?}");
                }
            }
            let _ = (Gauge::new(first), Exposure::new(n, second));
        }
    }
}

/// Values of both arms, half of the time of one length.
fn any_arms<N: Strategy<Value = f64>>(number: fn() -> N) -> impl Strategy<Value = Arms<Vec<f64>>> {
    let arm = || vec(number(), 0..12);
    let pairs = vec((number(), number()), 0..40).prop_map(|pairs| {
        let (baseline, canary) = pairs.into_iter().unzip();
        Arms { baseline, canary }
    });
    prop_oneof![
        (arm(), arm()).prop_map(|(baseline, canary)| Arms { baseline, canary }),
        pairs
    ]
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_values_panic_any_test(o in any_options(), arms in any_arms(any_number)) {
        for test in OF_VALUES {
            let result = (test.run)(o, &fitted(test, arms.clone()));
            check_either(&result, check_any_result)?;
        }
    }

    #[test]
    fn no_finite_values_panic_any_test(o in options(), arms in any_arms(finite_number)) {
        for test in OF_VALUES {
            let result = (test.run)(o, &fitted(test, arms.clone()));
            check_either(&result, check_any_result)?;
        }
    }

    #[test]
    fn no_counts_panic_any_test(o in any_options(), arms in any_counts()) {
        for test in of_counts(&arms) {
            check_either(&(test.run)(o, &arms), check_any_result)?;
        }
    }

    #[test]
    fn no_times_panic_two_rates(o in any_options(), events in any::<[u64; 2]>(), few in any::<bool>(),
            times in [any_number(), any_number()]) {
        let events = events.map(|events| if few { events % 4 } else { events >> 11 });
        let exposure = |i: usize| Exposure::new(events[i], times[i].abs());
        if let (Ok(baseline), Ok(canary)) = (exposure(0), exposure(1)) {
            for &method in canary_core::stats::RateMethod::ALL {
                let test = canary_core::TwoRates::new().method(method).alternative(o.alternative);
                let test = test.confidence(o.confidence).measure(o.measure).null(o.null);
                check_either(&test.run(&Arms { baseline, canary }), check_any_result)?;
            }
        }
    }

    #[test]
    fn no_series_panics_a_trend(o in any_options(), values in vec(any_number(), 0..20),
            times in vec(any_number(), 20), is_regular in any::<bool>(), null in any_number()) {
        let mut times = times[..values.len()].to_vec();
        if is_regular {
            times = (0..values.len()).map(|i| i as f64).collect();
        } else {
            times.retain(|time| time.is_finite());
            times.sort_by(f64::total_cmp);
            times.dedup();
        }
        let values = values[..times.len()].to_vec();
        if let Ok(series) = Series::new(times, values, NanPolicy::Omit) {
            for &correction in canary_core::stats::Autocorrelation::ALL {
                let test = canary_core::stats::Trend::new().correction(correction).lags(o.terms);
                let test = test.alternative(o.alternative).confidence(o.confidence);
                for test in [test, test.null(null)] {
                    check_either(&test.run(&series), |result| {
                        check_p(result.p_value, result)?;
                        check_estimate(result.slope.as_ref().unwrap())?;
                        prop_assert!(!result.intercept.unwrap().is_nan(), "{result:?}");
                        prop_assert!(!result.z.is_nan() && !result.tau.is_nan(), "{result:?}");
                        prop_assert!(!result.to_string().is_empty());
                        round_trip(result)
                    })?;
                }
            }
        }
    }

    #[test]
    fn no_clusters_panic(y in vec(any_number(), 0..8), x in vec(any_number(), 0..8),
                         ids in vec(0..4_u64, 0..8)) {
        use canary_core::stats::{Clusters, RatioMetric};

        let (y, x): (Vec<f64>, Vec<f64>) = y.into_iter().zip(x).unzip();
        for clusters in [Clusters::new(y.clone(), x.clone()), Clusters::of_values(&y, &ids)] {
            check_either(&clusters, |clusters| {
                round_trip(clusters)?;
                prop_assert!(!clusters.ratio().is_nan(), "{clusters:?}");
                let arms = Arms::new(clusters.clone(), clusters.clone());
                for measure in [Measure::Difference, Measure::Ratio] {
                    check_either(&RatioMetric::new().measure(measure).run(&arms), check_any_result)?;
                }
                Ok(())
            })?;
        }
    }
}

fn any_counts() -> impl Strategy<Value = Arms<Counts>> {
    let awkward = || {
        select(vec![
            0,
            1,
            2,
            3,
            1 << 32,
            (1 << 53) - 1,
            1 << 53,
            u64::MAX - 1,
            u64::MAX,
        ])
    };
    let number = || prop_oneof![awkward(), 0..10_u64, any::<u64>()];
    let arm = move || {
        (number(), number())
            .prop_map(|(one, other)| Counts::new(one.min(other), one.max(other)).unwrap())
    };
    (arm(), arm()).prop_map(|(baseline, canary)| Arms { baseline, canary })
}
