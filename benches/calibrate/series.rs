//! Values a minute apart, and their trends.

use canary_core::stats::{
    Autocorrelation, Bootstrap, PairedSeries, Pairing, SeriesMethod, Trend, TrendResult,
};
use canary_core::{Arms, NanPolicy, Result, Series, TTest};

use crate::table::{ALPHA, Look, Row, Table};
use crate::worlds::{Random, World};

pub(crate) fn tables() -> Vec<Table> {
    let mut tables: Vec<Table> = [0.0, 0.3, 0.5, 0.9].map(waves).into();
    tables.push(trends());
    tables
}

/// Two arms that share the day's wave, and have noise of their own that remembers.
fn wave(random: &mut Random, n: usize, phi: f64) -> Arms<Vec<f64>> {
    let world = World::Remembering(phi);
    let noise = Arms::new(world.values(random, n), world.values(random, n));
    noise.map(|noise| {
        let shared = (0..n).map(|t| 5.0 * (t as f64 / 20.0).sin());
        noise.iter().zip(shared).map(|(x, wave)| x + wave).collect()
    })
}

fn waves(phi: f64) -> Table {
    let series = |name: &str, method: SeriesMethod| {
        Row::new(name, move |random, n| {
            let arms = wave(random, n, phi);
            Ok(Look::test(
                &PairedSeries::new().method(method).run(&arms)?,
                0.0,
            ))
        })
    };
    let from = if phi > 0.5 { usize::MAX } else { 60 };
    let few_terms = Row::new("`paired_series`, 8 terms", move |random, n| {
        let arms = wave(random, n, phi);
        Ok(Look::test(
            &PairedSeries::new().terms(Some(8)).run(&arms)?,
            0.0,
        ))
    });
    let blocks = Row::new("`bootstrap`, paired, blocks of 10", move |random, n| {
        let test = Bootstrap::new()
            .pairing(Pairing::Paired)
            .block(Some(10))
            .resamples(999);
        let found = test.run(&wave(random, n, phi))?;
        Ok(Look::interval(found.estimate.interval, 0.0))
    });
    Table {
        title: format!("Two series that share a wave, noise AR(1) with {phi}"),
        size: "n",
        sizes: vec![20, 60, 100, 1000],
        rows: vec![
            series("`paired_series`", SeriesMethod::Cosine).recommended_from(from),
            few_terms,
            series("`paired_series`, batch means", SeriesMethod::BatchMeans),
            series("`paired_series`, Newey-West", SeriesMethod::NeweyWest),
            Row::new("`t_test`", move |random, n| {
                Ok(Look::test(&TTest::new().run(&wave(random, n, phi))?, 0.0))
            }),
            blocks.runs(2000),
        ],
    }
}

fn series(values: Vec<f64>) -> Result<Series> {
    let times = (0..values.len()).map(|t| t as f64).collect();
    Series::new(times, values, NanPolicy::Raise)
}

fn trends() -> Table {
    let mut rows = Vec::new();
    for (name, world, from) in [
        ("normal", World::Normal, Some(5)),
        ("log-normal", World::LogNormal, Some(5)),
        ("heavy tails", World::Heavy, Some(5)),
        ("zeros", World::ZeroInflated, Some(5)),
        ("AR(1) with 0.3", World::Remembering(0.3), None),
        ("AR(1) with 0.5", World::Remembering(0.5), None),
    ] {
        let plain = Row::new(format!("`trend`, {name}"), move |random, n| {
            let found = Trend::new().run(&series(world.values(random, n))?)?;
            Ok(of_slope(&found))
        });
        rows.push(match from {
            Some(from) => plain.recommended_from(from),
            None => plain,
        });
        let corrected = Row::new(
            format!("`trend`, Hamed and Rao, {name}"),
            move |random, n| {
                let test = Trend::new().correction(Autocorrelation::HamedRao);
                let found = test.run(&series(world.values(random, n))?)?;
                Ok(of_slope(&found))
            },
        );
        rows.push(corrected);
    }
    let compared = |name: &str, pairing: Pairing| {
        Row::new(name, move |random, n| {
            let arms = wave(random, n, 0.0).try_map(|_, values| series(values))?;
            Ok(Look::test(
                &Trend::new().pairing(pairing).compare(&arms)?,
                0.0,
            ))
        })
    };
    rows.push(compared("`compare_trends`, a shared wave", Pairing::Paired).recommended_from(5));
    rows.push(compared(
        "`compare_trends`, independent",
        Pairing::Independent,
    ));
    Table {
        title: "Trends".to_owned(),
        size: "n",
        sizes: vec![5, 20, 100, 1000],
        rows: rows.into_iter().map(|row| row.runs(2000)).collect(),
    }
}

fn of_slope(found: &TrendResult) -> Look {
    let slope = found.slope.as_ref();
    Look {
        alarm: Some(found.p_value < ALPHA),
        covered: slope.and_then(|slope| Look::interval(slope.interval, 0.0).covered),
    }
}
