//! Every test against values computed to 100 digits by other means (`fixtures/generate`).

use canary_core::stats::{Continuity, ProportionInterval};
use canary_core::{MannWhitney, TTest, TwoProportionZ};

use crate::common::corpus::{self, Case};
use crate::common::precision::{P_VALUE_RELATIVE, RELATIVE};

fn promised(field: &str) -> f64 {
    match field {
        "p_value" => P_VALUE_RELATIVE,
        _ => RELATIVE,
    }
}

#[test]
fn t_test() {
    let run = |case: &Case| {
        let test = TTest::new()
            .variance(case.options.variance)
            .alternative(case.options.alternative)
            .confidence(case.options.confidence())
            .measure(case.options.measure);
        match case.summaries() {
            Some(summaries) => test.run_summaries(&summaries),
            None => test.run(&case.values().expect("values")),
        }
    };
    corpus::check("t_test", run, |_, field| promised(field));
}

#[test]
fn two_proportion_z() {
    let run = |case: &Case| {
        let interval: ProportionInterval = case.options.interval.as_deref().unwrap().parse()?;
        TwoProportionZ::new()
            .alternative(case.options.alternative)
            .confidence(case.options.confidence())
            .measure(case.options.measure)
            .interval(interval)
            .run(&case.counts().expect("counts"))
    };
    corpus::check("two_proportion_z", run, |_, field| promised(field));
}

#[test]
fn mann_whitney() {
    let run = |case: &Case| {
        let continuity = match case.options.continuity {
            Some(false) => Continuity::Uncorrected,
            Some(true) | None => Continuity::Corrected,
        };
        MannWhitney::new()
            .alternative(case.options.alternative)
            .confidence(case.options.confidence())
            .measure(case.options.measure)
            .method(case.options.method)
            .continuity(continuity)
            .run(&case.values().expect("values"))
    };
    corpus::check("mann_whitney", run, |_, field| promised(field));
}
