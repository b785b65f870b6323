//! Data: merged, written and read.

use canary_core::{Gauge, Histogram, Observations, Sample, Snapshot, Summary};

use super::*;

fn histogram() -> impl Strategy<Value = Histogram> {
    let bounds = prop_oneof![Just(-3.0), Just(0.0), Just(0.25)];
    (
        bounds,
        vec(0..1000_u32, 2..12),
        proptest::option::of(-1e6..1e6_f64),
    )
        .prop_map(|(first, added, sum)| {
            let finite = (0..added.len() - 1).map(|i| first + i as f64);
            let bounds: Vec<f64> = finite.chain([f64::INFINITY]).collect();
            let cumulative = added.iter().scan(0.0, |total, &added| {
                *total += f64::from(added);
                Some(*total)
            });
            Histogram::new(&bounds, &cumulative.collect::<Vec<_>>(), sum).unwrap()
        })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn merged_summaries_are_that_of_the_whole(a in values(1), b in values(1), c in values(1)) {
        let summary = |values: &[f64]| Summary::of(values, NanPolicy::Raise).unwrap();
        let merged = summary(&a).merge(summary(&b)).merge(summary(&c));
        let other_way = summary(&a).merge(summary(&b).merge(summary(&c)));
        let whole = summary(&[a, b, c].concat());
        for merged in [merged, other_way] {
            prop_assert_eq!(merged.count(), whole.count());
            prop_assert_eq!((merged.min(), merged.max()), (whole.min(), whole.max()));
            let size = whole.max().unwrap().abs().max(whole.min().unwrap().abs());
            prop_assert!(is_near(merged.mean(), whole.mean(), FEW_ROUNDINGS, size));
            prop_assert!(is_near(merged.variance(), whole.variance(), FEW_ROUNDINGS, size * size));
        }
    }

    #[test]
    fn merged_histograms_add_up(a in histogram(), b in histogram()) {
        match a.merge(&b) {
            Ok(both) => {
                prop_assert_eq!(both.count(), a.count() + b.count());
                prop_assert_eq!(&b.merge(&a).unwrap(), &both);
                let pairs = a.buckets().iter().zip(b.buckets()).zip(both.buckets());
                for ((a, b), both) in pairs {
                    prop_assert_eq!(a.count + b.count, both.count);
                }
            }
            Err(_) => prop_assert_ne!(
                a.buckets().iter().map(|b| b.upper).collect::<Vec<_>>(),
                b.buckets().iter().map(|b| b.upper).collect::<Vec<_>>()
            ),
        }
    }

    #[test]
    fn what_is_merged_in_comes_out_again(before in histogram(), added in vec(0..50_u32, 12)) {
        let bounds: Vec<f64> = before.buckets().iter().map(|b| b.upper).collect();
        let growth = added.iter().scan(0.0, |total, &added| {
            *total += f64::from(added);
            Some(*total)
        });
        let growth: Vec<f64> = growth.take(bounds.len()).collect();
        let growth = Histogram::new(&bounds, &growth, None).unwrap();
        let after = before.merge(&growth).unwrap();
        prop_assert_eq!(after.since(&before).unwrap(), growth);
    }

    #[test]
    fn quantiles_rise_and_stay_among_the_bounds(h in histogram(), q in 0.0..1.0_f64, p in 0.0..1.0_f64) {
        if h.count() > 0.0 {
            let (low, high) = (h.quantile(q.min(p)), h.quantile(q.max(p)));
            prop_assert!(low <= high, "{low} {high}");
            let highest = h.buckets()[h.buckets().len() - 2].upper;
            prop_assert!(high <= highest.max(0.0));
        }
    }

    #[test]
    fn data_read_as_they_were_written(values in values(1), omitted in 0..3_usize,
            counts in counts(), h in histogram(), number in any::<f64>()) {
        let with_gaps: Vec<f64> = values.iter().copied()
            .chain(std::iter::repeat_n(f64::NAN, omitted)).collect();
        let sample = Sample::new(with_gaps.clone(), NanPolicy::Omit).unwrap();
        round_trip(&sample)?;
        let times = (0..with_gaps.len()).map(|i| i as f64 * 15.0).collect();
        let series = Series::new(times, with_gaps.clone(), NanPolicy::Omit).unwrap();
        round_trip(&series)?;
        let summary = Summary::of(&with_gaps, NanPolicy::Omit).unwrap();
        round_trip(&summary)?;
        round_trip(&h)?;
        round_trip(&counts)?;
        round_trip(&Arms::new(counts, counts))?;
        let mut observations: Vec<Observations> =
            vec![sample.into(), series.into(), summary.into(), h.into(), counts.into()];
        observations.extend(Exposure::new(3, number.abs()).ok().map(Into::into));
        observations.extend(Gauge::new(number).ok().map(Into::into));
        let mut snapshot = Snapshot::new();
        for one in observations {
            round_trip(&one)?;
            snapshot.insert(one.kind(), Arms::new(Some(one.clone()), None)).unwrap();
        }
        prop_assert!(snapshot.names().count() >= 5);
        round_trip(&snapshot)?;
        round_trip(&snapshot.before_and_after())?;
    }
}
