//! A canary under Flagger, tick by tick.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::FlaggerAnalysis;
use crate::error::Result;
use crate::judge::engines::reading::EngineReading;
use crate::number::version::Version;
use crate::options::choice;

choice! {
    /// The phase of a Canary, from the new revision on.
    FlaggerPhase("phase") {
        /// The weight or the iterations grow.
        Progressing = "Progressing",
        /// All is done, and a gate has not let it be promoted.
        WaitingPromotion = "WaitingPromotion",
        /// The primary takes over the new revision.
        Promoting = "Promoting",
        /// The primary has all traffic.
        Finalising = "Finalising",
        /// Promoted.
        Succeeded = "Succeeded",
        /// Rolled back.
        Failed = "Failed",
    }
}

/// What the hooks answered at a tick. By default the gates are open and nobody asks for a rollback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FlaggerHooks {
    /// A `rollback` hook answered: roll back now.
    pub rollback: bool,
    /// The `pre-rollout` hooks answered well.
    pub pre_rollout: bool,
    /// The `rollout` hooks answered well.
    pub rollout: bool,
    /// The `confirm-traffic-increase` gate is open.
    pub confirm_traffic_increase: bool,
    /// The `confirm-promotion` gate is open.
    pub confirm_promotion: bool,
    /// A newer revision was found: it starts again.
    pub new_revision: bool,
}

impl Default for FlaggerHooks {
    fn default() -> Self {
        Self {
            rollback: false,
            pre_rollout: true,
            rollout: true,
            confirm_traffic_increase: true,
            confirm_promotion: true,
            new_revision: false,
        }
    }
}

/// One check of a tick.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlaggerCheck {
    /// The metric's name, or `rollout` and `pre-rollout` for hooks.
    pub name: String,
    /// Whether it passed.
    pub passed: bool,
    /// Why not.
    pub reason: Option<String>,
}

/// A canary after a tick.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlaggerLook {
    /// Its phase.
    pub phase: FlaggerPhase,
    /// The canary's share of the traffic, in percent.
    pub weight: i64,
    /// Whether traffic is copied to it.
    pub mirrored: bool,
    /// Ticks of a blue/green or A/B analysis.
    pub iterations: i64,
    /// Failed checks since the revision's start; success does not take them back.
    pub failed_checks: u64,
    /// What was checked: up to the first failure, and nothing at the first tick.
    pub checks: Vec<FlaggerCheck>,
}

/// A canary: its analysis and how far it has come; plain data, for a restart.
///
/// It starts where Flagger has found a new revision and scaled it up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlaggerRun {
    version: Version,
    analysis: FlaggerAnalysis,
    phase: FlaggerPhase,
    weight: i64,
    mirrored: bool,
    iterations: i64,
    failed_checks: u64,
}

impl FlaggerRun {
    /// A new revision, without traffic.
    ///
    /// # Errors
    /// Those of [`FlaggerAnalysis::check`].
    pub fn new(analysis: FlaggerAnalysis) -> Result<Self> {
        analysis.check()?;
        Ok(Self {
            version: Version,
            analysis,
            phase: FlaggerPhase::Progressing,
            weight: 0,
            mirrored: false,
            iterations: 0,
            failed_checks: 0,
        })
    }

    /// How the weight grows, and what holds it.
    #[must_use]
    pub const fn analysis(&self) -> &FlaggerAnalysis {
        &self.analysis
    }

    /// Its phase.
    #[must_use]
    pub const fn phase(&self) -> FlaggerPhase {
        self.phase
    }

    /// One tick. A metric without a reading has no values, which fails its check.
    pub fn tick(
        &mut self,
        readings: &BTreeMap<String, EngineReading>,
        hooks: FlaggerHooks,
    ) -> FlaggerLook {
        let checks = self.turn(readings, hooks);
        FlaggerLook {
            phase: self.phase,
            weight: self.weight,
            mirrored: self.mirrored,
            iterations: self.iterations,
            failed_checks: self.failed_checks,
            checks,
        }
    }

    fn turn(
        &mut self,
        readings: &BTreeMap<String, EngineReading>,
        hooks: FlaggerHooks,
    ) -> Vec<FlaggerCheck> {
        match self.phase {
            FlaggerPhase::Succeeded | FlaggerPhase::Failed => {}
            FlaggerPhase::Promoting => self.shift_back(),
            FlaggerPhase::Finalising => self.phase = FlaggerPhase::Succeeded,
            FlaggerPhase::Progressing | FlaggerPhase::WaitingPromotion => {
                return self.analyse(readings, hooks);
            }
        }
        Vec::new()
    }

    fn analyse(
        &mut self,
        readings: &BTreeMap<String, EngineReading>,
        hooks: FlaggerHooks,
    ) -> Vec<FlaggerCheck> {
        if hooks.new_revision {
            self.phase = FlaggerPhase::Progressing;
            self.route(0, false);
            (self.iterations, self.failed_checks) = (0, 0);
            return Vec::new();
        }
        // The threshold is looked at before this tick's checks: a rollback comes a tick late.
        if hooks.rollback || self.failed_checks >= self.analysis.threshold() {
            self.phase = FlaggerPhase::Failed;
            self.route(0, false);
            return Vec::new();
        }
        let mirrors = self.analysis.mirror && self.mirrored;
        let is_first = self.weight == 0 && self.iterations == 0 && !mirrors;
        let checks = match is_first {
            true => hook("pre-rollout", hooks.pre_rollout),
            false => self.checks(readings, hooks),
        };
        if checks.iter().all(|check| check.passed) {
            self.advance(hooks);
        } else {
            self.failed_checks = self.failed_checks.saturating_add(1);
        }
        checks
    }

    /// Hooks, then what is built in, then templates; the first failure ends them.
    fn checks(
        &self,
        readings: &BTreeMap<String, EngineReading>,
        hooks: FlaggerHooks,
    ) -> Vec<FlaggerCheck> {
        let metrics = &self.analysis.metrics;
        let built_in = metrics.iter().filter(|metric| metric.is_built_in());
        let of_templates = metrics.iter().filter(|metric| metric.is_of_a_template());
        let all = built_in
            .map(|m| (m, false))
            .chain(of_templates.map(|m| (m, true)));
        let mut checks = hook("rollout", hooks.rollout);
        for (metric, of_template) in all {
            if checks.last().is_some_and(|check| !check.passed) {
                break;
            }
            let reason = metric.fault(readings.get(&metric.name), of_template);
            let passed = reason.is_none();
            checks.push(FlaggerCheck {
                name: metric.name.clone(),
                passed,
                reason,
            });
        }
        checks
    }

    fn advance(&mut self, hooks: FlaggerHooks) {
        let FlaggerAnalysis {
            iterations,
            mirror,
            ref matches,
            ..
        } = self.analysis;
        if iterations > 0 && !matches.is_empty() {
            self.advance_a_b(iterations, hooks);
        } else if iterations > 0 {
            self.advance_blue_green(iterations, mirror, hooks);
        } else {
            self.advance_weight(mirror, hooks);
        }
    }

    fn advance_a_b(&mut self, iterations: i64, hooks: FlaggerHooks) {
        if iterations > self.iterations {
            self.route(100, false);
            self.iterations = self.iterations.saturating_add(1);
        } else if self.is_confirmed(hooks) && iterations == self.iterations {
            self.phase = FlaggerPhase::Promoting;
        }
    }

    fn advance_blue_green(&mut self, iterations: i64, mirror: bool, hooks: FlaggerHooks) {
        if iterations > self.iterations {
            self.mirrored |= mirror;
            self.iterations = self.iterations.saturating_add(1);
        } else if !self.is_confirmed(hooks) {
        } else if iterations == self.iterations {
            self.route(100, false);
            self.iterations = self.iterations.saturating_add(1);
        } else {
            self.phase = FlaggerPhase::Promoting;
        }
    }

    fn advance_weight(&mut self, mirror: bool, hooks: FlaggerHooks) {
        let step = self.analysis.next_step(self.weight);
        let is_gated = !self.mirrored && self.phase == FlaggerPhase::Progressing;
        // Without a step nothing ever happens, not even a promotion.
        if step <= 0 || is_gated && !hooks.confirm_traffic_increase {
            return;
        }
        if self.weight >= self.analysis.max_weight() {
            if self.is_confirmed(hooks) {
                self.phase = FlaggerPhase::Promoting;
            }
        } else if mirror && self.weight == 0 && !self.mirrored {
            self.route(0, true);
        } else {
            self.route(self.weight.saturating_add(step).min(100), false);
        }
    }

    fn is_confirmed(&mut self, hooks: FlaggerHooks) -> bool {
        if !hooks.confirm_promotion {
            self.phase = FlaggerPhase::WaitingPromotion;
        }
        hooks.confirm_promotion
    }

    /// The traffic goes back to the primary, which has the new revision now.
    fn shift_back(&mut self) {
        let step = self.analysis.step_weight_promotion;
        if step == 0 {
            self.route(0, false);
            self.phase = FlaggerPhase::Finalising;
        } else if self.weight > 0 {
            self.route(self.weight.saturating_sub(step).max(0), false);
            if self.weight == 0 {
                self.phase = FlaggerPhase::Finalising;
            }
        }
    }

    fn route(&mut self, weight: i64, mirrored: bool) {
        (self.weight, self.mirrored) = (weight, mirrored);
    }
}

fn hook(name: &str, passed: bool) -> Vec<FlaggerCheck> {
    match passed {
        true => Vec::new(),
        false => vec![FlaggerCheck {
            name: name.to_owned(),
            passed,
            reason: Some("the hook refused".to_owned()),
        }],
    }
}
