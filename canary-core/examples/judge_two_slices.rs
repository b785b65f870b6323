//! Ten lines: two slices of latencies, one policy, one verdict.

use canary_core::{Arms, NanPolicy, Policy, Sample, Snapshot, judge};

fn main() -> canary_core::Result<()> {
    let policy = Policy::from_json(
        r#"{"version": 1, "metrics": {"latency": {"unit": "ms", "direction": "increase"}},
            "checks": [{"metric": "latency", "test": {"method": "mann_whitney", "margin": {"percent": "5%"}}},
                       {"metric": "latency", "threshold": {"statistic": "p99", "factor": "1.5x"}}]}"#,
    )?;
    let latency = |slower: f64| {
        (0..2_000)
            .map(|i| slower * f64::from(30 + i * 7919 % 97))
            .collect()
    };
    let arms = Arms::new(latency(1.0), latency(1.12)); // the canary is 12 % slower
    let arms = arms.try_map(|arm, values| {
        Sample::new(values, NanPolicy::Raise).map_err(|error| error.in_argument(arm))
    })?;
    let verdict = judge(&policy, &Snapshot::new().with("latency", arms)?)?;
    println!("{verdict}");
    Ok(())
}
