//! Events of trials, and events in a time.

use canary_core::stats::EquivalenceOutcome;
use canary_core::stats::{
    BayesianTest, ChiSquare, CochranMantelHaenszel, ExactProportions, FairnessGap, Overdispersion,
    ProportionInterval, ProportionMethod, RateMethod, TwoRates, sample_ratio,
};
use canary_core::{
    Arms, Counts, Equivalence, Exposure, Margin, Measure, Result, TestResult, TwoProportionZ,
};

use crate::table::{ALPHA, Look, Row, Table};
use crate::worlds::Random;

pub(crate) fn tables() -> Vec<Table> {
    let mut tables = Vec::new();
    for p in [0.01, 0.05, 0.3] {
        tables.push(proportions(p, 1));
        tables.push(proportions(p, 19));
    }
    tables.push(rates());
    tables.push(other());
    tables
}

/// n trials on the canary and `times` as many on the baseline.
fn counts(random: &mut Random, n: usize, times: usize, p: f64) -> Result<Arms<Counts>> {
    Arms::new(times * n, n)
        .try_map(|_, trials| Counts::new(random.binomial(trials, p), trials as u64))
}

type Test = Box<dyn Fn(&Arms<Counts>) -> Result<TestResult> + Send + Sync>;

fn proportions(p: f64, times: usize) -> Table {
    let row = |name: &str, truth: f64, test: Test| {
        Row::new(name, move |random, n| {
            Ok(Look::test(&test(&counts(random, n, times, p)?)?, truth))
        })
    };
    let z = |measure: Measure, interval: ProportionInterval| {
        Box::new(move |arms: &Arms<Counts>| {
            TwoProportionZ::new()
                .measure(measure)
                .interval(interval)
                .run(arms)
        })
    };
    let exact = |method: ProportionMethod| {
        Box::new(move |arms: &Arms<Counts>| ExactProportions::new().method(method).run(arms))
    };
    let (score, difference) = (ProportionInterval::MiettinenNurminen, Measure::Difference);
    let mut rows = vec![
        row("`two_proportion_z`", 0.0, z(difference, score)).recommended_from(match (p, times) {
            (0.3, _) => 20,
            (0.01, 1) => 1000,
            _ => 100,
        }),
        row("`two_proportion_z`, ratio", 1.0, z(Measure::Ratio, score)),
        row(
            "`two_proportion_z`, odds ratio",
            1.0,
            z(Measure::OddsRatio, score),
        ),
        row(
            "`two_proportion_z`, Newcombe",
            0.0,
            z(difference, ProportionInterval::Newcombe),
        ),
        row(
            "`two_proportion_z`, Wald",
            0.0,
            z(difference, ProportionInterval::Wald),
        ),
        Row::new(
            "`two_proportion_z`, null = 0 by the score",
            move |random, n| {
                let arms = counts(random, n, times, p)?;
                Ok(Look::test(
                    &TwoProportionZ::new().null(Some(0.0)).run(&arms)?,
                    0.0,
                ))
            },
        ),
        row(
            "`exact_proportions`, Fisher",
            0.0,
            exact(ProportionMethod::Fisher),
        )
        .recommended_from(5),
    ];
    rows.push(row(
        "`chi_square`",
        0.0,
        Box::new(|arms: &Arms<Counts>| ChiSquare::new().run(&arms.map(categories))),
    ));
    if times == 1 {
        // Every table of all trials is looked at.
        let boschloo = Row::new("`exact_proportions`", move |random, n| {
            let arms = counts(random, n, times, p)?;
            Ok(Look::test(&ExactProportions::new().run(&arms)?, 0.0))
        });
        rows.push(boschloo.runs(500).up_to(100).recommended_from(5));
    }
    let credible = Row::new("`bayesian_test`", move |random, n| {
        let found = BayesianTest::new().counts(&counts(random, n, times, p)?)?;
        Ok(Look::interval(found.estimate.interval, 0.0))
    });
    rows.push(credible.runs(500));
    rows.push(Row::new(
        "`equivalence`, a canary worse by the margin",
        move |random, n| {
            let worse = p + 0.05;
            let arms = Arms::new(
                Counts::new(random.binomial(times * n, p), (times * n) as u64)?,
                Counts::new(random.binomial(n, worse), n as u64)?,
            );
            let found = Equivalence::new(Margin::Difference(0.05)).proportions(&arms)?;
            Ok(Look::alarm(found.outcome == EquivalenceOutcome::Within))
        },
    ));
    let versus = if times == 1 { "n" } else { "19 n" };
    Table {
        title: format!("Proportions of {p}, {versus} baseline and n canary trials"),
        size: "n",
        sizes: vec![5, 20, 100, 1000],
        rows,
    }
}

fn rates() -> Table {
    let draw = |random: &mut Random, mean: usize, times: f64| -> Result<Arms<Exposure>> {
        Arms::new(times, 1.0)
            .try_map(|_, time| Exposure::new(random.poisson(time * mean as f64), time))
    };
    let mut rows = Vec::new();
    for (name, times) in [("1:1", 1.0), ("19:1", 19.0)] {
        let row = |method: RateMethod, measure: Measure| {
            let title = format!("`two_rates`, {method}, {measure}, {name}");
            Row::new(title, move |random, mean| {
                let test = TwoRates::new().method(method).measure(measure);
                Ok(Look::test(
                    &test.run(&draw(random, mean, times)?)?,
                    measure.null(),
                ))
            })
        };
        rows.extend([
            row(RateMethod::Score, Measure::Ratio).recommended_from(20),
            row(RateMethod::Score, Measure::Difference),
            row(RateMethod::Exact, Measure::Ratio).recommended_from(1),
        ]);
    }
    Table {
        title: "Poisson rates".to_owned(),
        size: "expected events of the canary",
        sizes: vec![1, 5, 20, 100],
        rows,
    }
}

fn other() -> Table {
    let windows = |random: &mut Random, n: usize| -> Result<Vec<Counts>> {
        (0..n)
            .map(|_| Counts::new(random.binomial(200, 0.05), 200))
            .collect()
    };
    let split = |random: &mut Random, n: usize| {
        let canary = random.binomial(20 * n, 0.05);
        sample_ratio(&[20 * n as u64 - canary, canary], &[0.95, 0.05])
    };
    let strata = |random: &mut Random, n: usize| -> Result<Vec<Arms<Counts>>> {
        let stratum = |index: usize, random: &mut Random| {
            let p = 0.02 * (index * index + 1) as f64;
            let sizes = Arms::new(n * (index + 1), n * (3 - index));
            sizes.try_map(|_, trials| Counts::new(random.binomial(trials, p), trials as u64))
        };
        (0..3).map(|index| stratum(index, random)).collect()
    };
    let groups = |random: &mut Random, n: usize| -> Result<Arms<Vec<Counts>>> {
        Arms::new(19, 1).try_map(|_, times| {
            [0.3, 0.4, 0.5]
                .into_iter()
                .map(|p| Counts::new(random.binomial(times * n, p), (times * n) as u64))
                .collect()
        })
    };
    Table {
        title: "Windows, splits, strata and groups".to_owned(),
        size: "n",
        sizes: vec![5, 20, 100, 1000],
        rows: vec![
            Row::new(
                "`overdispersion`, n windows of 200 trials",
                move |random, n| {
                    let found = Overdispersion::of_counts(&windows(random, n)?)?;
                    Ok(Look::alarm(found.p_value < ALPHA))
                },
            )
            .runs(2000)
            .recommended_from(5),
            Row::new(
                "`sample_ratio`, n canary requests expected",
                move |random, n| Ok(Look::alarm(split(random, n)?.p_value < ALPHA)),
            )
            .recommended_from(20),
            Row::new(
                "`cochran_mantel_haenszel`, 4 n trials an arm",
                move |random, n| {
                    let found = CochranMantelHaenszel::new().run(&strata(random, n)?)?;
                    Ok(Look::test(&found, 0.0))
                },
            )
            .recommended_from(20),
            Row::new("`fairness_gap`, n trials a group", move |random, n| {
                let found = FairnessGap::new().run(&groups(random, n)?)?;
                Ok(Look::interval(found.change.interval, 0.0))
            })
            .recommended_from(100),
        ],
    }
}

/// Events and others.
fn categories(counts: Counts) -> Vec<u64> {
    vec![counts.events(), counts.trials() - counts.events()]
}
