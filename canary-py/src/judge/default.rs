//! What is known of metrics, on its way to their default policy.

use canary_core::{self as core, judge::direction_of};
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString};
use serde_json::{Map, Value, json};

use crate::convert::{show, type_name};
use crate::data::dumps;
use crate::error::{InvalidPolicy, to_python};

/// The default policy of metrics: of their names, or of a mapping with what is known of each.
pub(super) fn policy(metrics: &Bound<'_, PyAny>) -> PyResult<core::Policy> {
    if let Ok(mapping) = metrics.cast::<PyMapping>() {
        return of_known(mapping);
    }
    let rule = "must be names in a row, or a mapping from name to what is known of it";
    // A text is a row of texts, too.
    let items = match metrics.cast::<PyString>() {
        Ok(_) => return Err(refused("metrics", rule, metrics)),
        Err(_) => metrics.try_iter(),
    };
    let items = items.map_err(|_| refused("metrics", rule, metrics))?;
    let name = |item: PyResult<Bound<'_, PyAny>>| {
        let item = item?;
        item.extract::<String>()
            .map_err(|_| refused("metrics", rule, &item))
    };
    let names = items.map(name).collect::<PyResult<Vec<_>>>()?;
    core::Policy::standard(names).map_err(to_python)
}

fn refused(place: &str, rule: &str, got: &Bound<'_, PyAny>) -> PyErr {
    InvalidPolicy::new_err(format!("policy: {place}: {rule}, got {}", show(got)))
}

/// By way of the written form, so that margins are read as they are there.
fn of_known(mapping: &Bound<'_, PyMapping>) -> PyResult<core::Policy> {
    let (mut names, mut metrics, mut checks) = (Vec::new(), Map::new(), Vec::new());
    for item in mapping.items()?.iter() {
        let (name, known): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let rule = "names must be texts";
        let name: String = name
            .extract()
            .map_err(|_| refused("metrics", rule, &name))?;
        let mut known = known_of(&name, &known)?;
        let margin = known.remove("margin").filter(|margin| !margin.is_null());
        let standard = match margin {
            None => json!({}),
            Some(margin) => json!({ "margin": written(margin) }),
        };
        let direction = known.entry("direction").or_insert(Value::Null);
        if direction.is_null() {
            *direction = direction_of(&name).as_str().into();
        }
        metrics.insert(name.clone(), Value::Object(known));
        checks.push(json!({ "metric": name, "standard": standard }));
        names.push(name);
    }
    let document = json!({
        "version": core::Policy::VERSION, "name": "standard", "metrics": metrics, "checks": checks,
    });
    let policy = core::Policy::from_json(&document.to_string());
    policy.map_err(|error| to_python(placed(error, &names)))
}

/// What is known of one metric.
fn known_of(name: &str, known: &Bound<'_, PyAny>) -> PyResult<Map<String, Value>> {
    if known.is_none() {
        return Ok(Map::new());
    }
    let wrong = |got: String| {
        let rule = "must be a mapping with direction, unit and margin, or some of them";
        InvalidPolicy::new_err(format!("policy: metrics.{name}: {rule}, got {got}"))
    };
    if known.cast::<PyMapping>().is_err() {
        return Err(wrong(type_name(known)));
    }
    let json: String = dumps(known)
        .and_then(|json| json.extract())
        .map_err(|_| wrong(show(known)))?;
    serde_json::from_str(&json).map_err(|error| wrong(error.to_string()))
}

/// A margin under the key that it is written for: `20%`, `2x`, or a difference.
fn written(margin: Value) -> Value {
    match margin.as_str().map(str::trim) {
        Some(text) if text.ends_with('%') => json!({ "percent": text }),
        Some(text) if text.ends_with(['x', '×']) => json!({ "factor": text }),
        Some(text) => json!({ "difference": text }),
        None if margin.is_object() => margin,
        None => json!({ "difference": margin }),
    }
}

/// The error with the metric's name for the place in a text that nobody wrote.
fn placed(error: core::Error, names: &[String]) -> core::Error {
    let core::Error::InvalidPolicy { message, .. } = error else {
        return error;
    };
    let of_metric = || {
        let (index, rest) = message.strip_prefix("checks[")?.split_once("].standard")?;
        let name = names.get(index.parse::<usize>().ok()?)?;
        Some(format!("metrics.{name}{rest}"))
    };
    let message = of_metric().unwrap_or(message);
    core::Error::InvalidPolicy {
        message,
        location: None,
    }
}
