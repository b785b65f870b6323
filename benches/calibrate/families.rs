//! Many metrics at once.

use canary_core::stats::{Adjustment, adjust, normal_cdf};

use crate::table::{ALPHA, Look, Row, Table};
use crate::worlds::Random;

pub(crate) fn tables() -> Vec<Table> {
    let mut rows = vec![
        family("no adjustment", 0.0, None),
        family("no adjustment", 0.5, None),
    ];
    for &method in Adjustment::ALL {
        for correlation in [0.0, 0.5] {
            let row = family(&format!("`adjust`, {method}"), correlation, Some(method));
            rows.push(row.recommended_from(5));
        }
    }
    vec![Table {
        title: "Any alarm at all among metrics of which none changed".to_owned(),
        size: "metrics",
        sizes: vec![5, 20, 100, 1000],
        rows,
    }]
}

/// Two-sided p-values of normal statistics, any two of which have this correlation.
fn family(name: &str, correlation: f64, method: Option<Adjustment>) -> Row {
    Row::new(
        format!("{name}, correlation {correlation}"),
        move |random: &mut Random, metrics| {
            let shared = f64::sqrt(correlation) * random.normal();
            let own = f64::sqrt(1.0 - correlation);
            let p_values = (0..metrics).map(|_| {
                let z = shared + own * random.normal();
                2.0 * normal_cdf(-z.abs())
            });
            let p_values: Vec<f64> = p_values.collect();
            let adjusted = match method {
                Some(method) => adjust(&p_values, method)?,
                None => p_values,
            };
            Ok(Look::alarm(adjusted.iter().any(|p| *p < ALPHA)))
        },
    )
}
