//! Every test against values computed by other means, to 100 digits or by other packages
//! (`fixtures/generate`).

use canary_core::stats::{
    Adjustment, AndersonDarling, BrownForsythe, BrunnerMunzel, BrunnerMunzelMethod, Centre,
    ChiSquare, ChiSquareContinuity, CochranMantelHaenszel, Continuity, ExactProportions,
    KolmogorovSmirnov, Overdispersion, PairedSeries, PairedT, ProportionInterval, ProportionMethod,
    RankMethod, RateMethod, SeriesMethod, SignedRank, Trend, TwoRates, VanElteren, WeightedMeans,
    ZeroPolicy, adjust, breslow_day, sample_ratio,
};
use canary_core::{
    Alternative, Arms, Counts, Exposure, MannWhitney, Measure, NanPolicy, Result, Series, TTest,
    TwoProportionZ,
};
use serde::Serialize;
use serde_json::Value;

use crate::common::corpus::{self, Case};
use crate::common::peers::{self, Call};
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

/// What is asked of Python alone, where planning and margins have words of their own.
const PYTHON_ALONE: [&str; 5] = [
    "bayesian_test",
    "equivalence",
    "power_means",
    "power_proportions",
    "power_two_proportions",
];

#[test]
fn peers() {
    peers::check(&PYTHON_ALONE, |call| {
        (!PYTHON_ALONE.contains(&call.function.as_str())).then(|| peer(call))
    });
}

fn json(result: impl Serialize) -> Value {
    serde_json::to_value(result).unwrap()
}

fn counts((events, trials): (u64, u64)) -> Counts {
    Counts::new(events, trials).unwrap()
}

fn exposure((events, time): (u64, f64)) -> Exposure {
    Exposure::new(events, time).unwrap()
}

fn peer(call: &mut Call) -> Result<Value> {
    let alternative = call.option("alternative", Alternative::TwoSided);
    let confidence = call.option("confidence", 0.95);
    let null: Option<f64> = call.option("null", None);
    match call.function.as_str() {
        "adjust" => adjust(
            &call.argument::<Vec<f64>>(0),
            call.option("method", Adjustment::Holm),
        )
        .map(json),
        "anderson_darling" => AndersonDarling::new().run(&values(call)).map(json),
        "breslow_day" => breslow_day(&strata(call)).map(json),
        "brown_forsythe" => BrownForsythe::new()
            .alternative(alternative)
            .confidence(confidence)
            .centre(call.option("centre", Centre::Median))
            .run(&values(call))
            .map(json),
        "brunner_munzel" => BrunnerMunzel::new()
            .alternative(alternative)
            .method(call.option("method", BrunnerMunzelMethod::StudentT))
            .run(&values(call))
            .map(json),
        "chi_square" => ChiSquare::new()
            .continuity(call.option("continuity", ChiSquareContinuity::Uncorrected))
            .run(&call.arms::<Vec<u64>>())
            .map(json),
        "cochran_mantel_haenszel" => CochranMantelHaenszel::new()
            .alternative(alternative)
            .continuity(call.option("continuity", Continuity::Uncorrected))
            .measure(call.option("measure", Measure::Difference))
            .run(&strata(call))
            .map(json),
        "exact_proportions" => ExactProportions::new()
            .alternative(alternative)
            .confidence(confidence)
            .method(call.option("method", ProportionMethod::Boschloo))
            .measure(call.option("measure", Measure::Difference))
            .run(&call.arms().map(counts))
            .map(json),
        "inverse_propensity_means" => WeightedMeans::new()
            .alternative(alternative)
            .inverse_propensity(
                &values(call),
                &Arms::new(call.argument(2), call.argument(3)),
            )
            .map(json),
        "kolmogorov_smirnov" => KolmogorovSmirnov::new()
            .alternative(alternative)
            .method(call.option("method", RankMethod::Auto))
            .run(&values(call))
            .map(json),
        "overdispersion" => {
            let windows: Vec<(u64, u64)> = call.argument(0);
            let windows: Vec<Counts> = windows.into_iter().map(counts).collect();
            Overdispersion::of_counts(&windows).map(json)
        }
        "paired_series" => PairedSeries::new()
            .alternative(alternative)
            .method(call.option("method", SeriesMethod::Cosine))
            .terms(call.option("terms", None))
            .run(&values(call))
            .map(json),
        "paired_t" => PairedT::new()
            .alternative(alternative)
            .confidence(confidence)
            .null(null)
            .run(&values(call))
            .map(json),
        "post_stratified_means" => {
            let weights: std::collections::BTreeMap<String, f64> = call.argument(2);
            let weights: Vec<f64> = weights.into_values().collect();
            WeightedMeans::new()
                .alternative(alternative)
                .null(null)
                .post_stratified(&call.strata::<Vec<f64>>(), &weights)
                .map(json)
        }
        "sample_ratio" => {
            sample_ratio(&call.argument::<Vec<u64>>(0), &call.argument::<Vec<f64>>(1)).map(json)
        }
        "signed_rank" => SignedRank::new()
            .alternative(alternative)
            .confidence(confidence)
            .method(call.option("method", RankMethod::Auto))
            .continuity(call.option("continuity", Continuity::Corrected))
            .zeros(call.option("zeros", ZeroPolicy::Wilcox))
            .run(&values(call))
            .map(json),
        "trend" => {
            let times = call.option("times", Vec::new());
            let series = Series::new(times, call.argument(0), NanPolicy::Raise)?;
            Trend::new().alternative(alternative).run(&series).map(json)
        }
        "two_proportion_z" => TwoProportionZ::new()
            .alternative(alternative)
            .measure(call.option("measure", Measure::Difference))
            .null(null)
            .run(&call.arms().map(counts))
            .map(json),
        "two_rates" => TwoRates::new()
            .alternative(alternative)
            .confidence(confidence)
            .method(call.option("method", RateMethod::Score))
            .measure(call.option("measure", Measure::Ratio))
            .null(null)
            .run(&call.arms().map(exposure))
            .map(json),
        "van_elteren" => VanElteren::new()
            .alternative(alternative)
            .run(&call.strata::<Vec<f64>>())
            .map(json),
        other => panic!("the corpus has a function {other:?}"),
    }
}

fn values(call: &Call) -> Arms<Vec<f64>> {
    call.arms()
}

fn strata(call: &Call) -> Vec<Arms<Counts>> {
    let strata = call.strata().into_iter();
    strata.map(|arms| arms.map(counts)).collect()
}
