//! A simulated rollout of an hour, minute by minute.

use std::collections::BTreeMap;

use canary_core::{Arms, Counts, Gauge, NanPolicy, Observations, Result, Sample, Snapshot};

use crate::fault::{Damage, Fault};
use crate::noise::{Class, Noise};
use crate::random::{Random, Remembering};
use crate::shape::Shape;

pub(crate) const MINUTES: u32 = 60;
const STAGES: [f64; 5] = [0.01, 0.05, 0.1, 0.25, 0.5];
/// Of a minute's requests, so many an arm are traced.
pub(crate) const TRACED: u64 = 500;
const SECONDS: f64 = 60.0;

/// What one rollout is like.
#[derive(Clone, Copy)]
pub(crate) struct Rollout {
    seed: u64,
    pub(crate) fault: Fault,
    pub(crate) size: f64,
    pub(crate) class: Class,
    pub(crate) noise: Noise,
    /// Requests a second, of both arms.
    pub(crate) traffic: f64,
    /// The canary's share of them, unless it grows.
    share: f64,
    pub(crate) error_rate: f64,
    pub(crate) shape: Shape,
    pub(crate) damage: Damage,
}

/// What was measured in one minute.
pub(crate) struct Minute {
    /// From 1 on.
    pub(crate) number: u32,
    /// The canary's share of the traffic.
    pub(crate) share: f64,
    /// Whether a stage ends with it.
    pub(crate) is_stage_end: bool,
    /// Nothing where data are missing.
    pub(crate) arms: Arms<Option<Measured>>,
}

/// What one arm showed.
#[derive(Clone)]
pub(crate) struct Measured {
    /// Errors of all requests.
    pub(crate) counts: Counts,
    /// Milliseconds of those requests that are traced, in the order of arrival.
    pub(crate) latencies: Vec<f64>,
    /// CPU in percent, memory in megabytes, and twenty more where there are any.
    pub(crate) gauges: Vec<f64>,
}

/// The names of the gauges, in their order.
pub(crate) fn gauge_name(index: usize) -> String {
    match index {
        0 => "cpu".to_owned(),
        1 => "memory".to_owned(),
        _ => format!("m{:02}", index - 1),
    }
}

impl Minute {
    /// The same as what the library judges; metrics without any data are left out.
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        let arms = self.arms.as_ref().try_map(|_, arm| match arm {
            Some(measured) => measured.observations(),
            None => Ok(BTreeMap::new()),
        })?;
        Ok(Snapshot::from_arms(arms))
    }
}

impl Measured {
    fn observations(&self) -> Result<BTreeMap<String, Observations>> {
        let mut metrics = BTreeMap::from([("error_rate".to_owned(), self.counts.into())]);
        if !self.latencies.is_empty() {
            let latencies = Sample::new(self.latencies.clone(), NanPolicy::Raise)?;
            metrics.insert("latency".to_owned(), latencies.into());
        }
        for (index, &value) in self.gauges.iter().enumerate() {
            metrics.insert(gauge_name(index), Gauge::new(value)?.into());
        }
        Ok(metrics)
    }
}

impl Rollout {
    pub(crate) fn new(seed: u64, fault: Fault, size: f64, class: Class) -> Self {
        let mut random = Random::new(seed);
        let traffic = random.log_between(10.0, 10_000.0);
        let share = random.log_between(0.01, 0.5);
        let error_rate = random.one_of(&[0.0, 0.0001, 0.001, 0.01, 0.05]);
        let is_bimodal = random.is(0.5);
        let shape = Shape::draw(&mut random, is_bimodal);
        Self {
            seed,
            fault,
            size,
            class,
            noise: class.noise(&mut random),
            traffic,
            share,
            error_rate,
            shape,
            damage: Damage::new(fault, size, &shape),
        }
    }

    /// The canary's share of the traffic in a minute, counted from 0.
    pub(crate) fn share(&self, minute: u32) -> f64 {
        if !self.noise.is_staged {
            return self.share;
        }
        let stage = minute as usize * STAGES.len() / MINUTES as usize;
        STAGES.get(stage).copied().unwrap_or(self.share)
    }

    fn is_stage_end(&self, minute: u32) -> bool {
        let minutes = match self.noise.is_staged {
            true => MINUTES / STAGES.len() as u32,
            false => MINUTES,
        };
        (minute + 1).is_multiple_of(minutes)
    }

    pub(crate) fn minutes(&self) -> Result<Vec<Minute>> {
        let mut weather = Weather::new(self);
        (0..MINUTES).map(|minute| weather.minute(minute)).collect()
    }
}

/// What changes from minute to minute.
struct Weather<'a> {
    rollout: &'a Rollout,
    random: Random,
    period: f64,
    phase: f64,
    shared: Shared,
    own: Arms<Own>,
    /// What the gauges are at without any noise.
    levels: Vec<f64>,
    /// As long as nothing of either arm is there.
    gap: std::ops::Range<u32>,
}

/// What both arms have in common, logarithms all.
struct Shared {
    errors: Remembering,
    latency: Remembering,
    gauges: Remembering,
}

/// What an arm has for itself, logarithms all.
struct Own {
    latency: Remembering,
    /// For the twenty to go together.
    common: Remembering,
    gauges: Vec<Remembering>,
}

/// The standard deviations of these logarithms.
const SHARED_ERRORS: f64 = 0.2;
const SHARED_LATENCY: f64 = 0.05;
const SHARED_GAUGES: f64 = 0.05;
const OWN_LATENCY: f64 = 0.03;
const OWN_GAUGES: f64 = 0.04;

impl Own {
    fn new(random: &mut Random, phi: f64, gauges: usize) -> Self {
        // Where minutes do not remember each other, neither do latencies go up and down with them.
        let latency = if phi > 0.0 { OWN_LATENCY } else { 0.0 };
        Self {
            latency: Remembering::new(random, phi, latency),
            common: Remembering::new(random, phi, OWN_GAUGES * 0.5_f64.sqrt()),
            gauges: (0..gauges)
                .map(|index| {
                    let stddev = if index < 2 { 1.0 } else { 0.5_f64.sqrt() };
                    Remembering::new(random, phi, OWN_GAUGES * stddev)
                })
                .collect(),
        }
    }
}

impl<'a> Weather<'a> {
    fn new(rollout: &'a Rollout) -> Self {
        let mut random = Random::new(rollout.seed ^ 0x5851_f42d_4c95_7f2d);
        let Noise {
            phi,
            missing,
            is_twenty,
            ..
        } = rollout.noise;
        let gauges = if is_twenty { 22 } else { 2 };
        let mut levels = vec![
            random.between(20.0, 60.0),
            random.log_between(200.0, 2000.0),
        ];
        levels.resize_with(gauges, || random.log_between(10.0, 1000.0));
        let is_remembering = f64::from(u8::from(phi > 0.0));
        let mut shared = |stddev: f64| Remembering::new(&mut random, phi, is_remembering * stddev);
        let shared = Shared {
            errors: shared(SHARED_ERRORS),
            latency: shared(SHARED_LATENCY),
            gauges: shared(SHARED_GAUGES),
        };
        let own = Arms {
            baseline: Own::new(&mut random, phi, gauges),
            canary: Own::new(&mut random, phi, gauges),
        };
        let start = random.between(0.0, f64::from(MINUTES)) as u32;
        let length = if missing > 0.0 { 5 } else { 0 };
        Self {
            period: random.one_of(&[60.0, 240.0, 1440.0]),
            phase: random.between(0.0, std::f64::consts::TAU),
            gap: start..start + length,
            rollout,
            random,
            shared,
            own,
            levels,
        }
    }

    fn minute(&mut self, minute: u32) -> Result<Minute> {
        let Rollout { noise, .. } = *self.rollout;
        let time = std::f64::consts::TAU * f64::from(minute) / self.period;
        let wave = noise.wave * (time + self.phase).sin();
        let mut step = |of: fn(&mut Shared) -> &mut Remembering| {
            let draw = self.random.normal();
            of(&mut self.shared).step(draw)
        };
        let common = Common {
            traffic: self.rollout.traffic * (1.0 + wave),
            errors: step(|shared| &mut shared.errors).exp(),
            latency: (step(|shared| &mut shared.latency) + 0.5 * wave).exp(),
            gauges: (step(|shared| &mut shared.gauges) + wave).exp(),
        };
        let share = self.rollout.share(minute);
        let measured = Arms {
            baseline: self.arm(minute, 1.0 - share, &common, false)?,
            canary: self.arm(minute, share, &common, true)?,
        };
        let is_gap = self.gap.contains(&minute);
        Ok(Minute {
            number: minute + 1,
            share,
            is_stage_end: self.rollout.is_stage_end(minute),
            arms: measured.map(|arm| {
                let is_missing = self.random.is(noise.missing) || is_gap;
                (!is_missing).then_some(arm)
            }),
        })
    }

    fn arm(
        &mut self,
        minute: u32,
        share: f64,
        common: &Common,
        is_canary: bool,
    ) -> Result<Measured> {
        let Self {
            rollout, random, ..
        } = self;
        let damage = rollout.damage;
        let onset = rollout.fault.onset();
        let is_hit = is_canary && minute >= onset;
        let own = match is_canary {
            true => &mut self.own.canary,
            false => &mut self.own.baseline,
        };

        let requests = random.poisson(SECONDS * common.traffic * share);
        let rate = match is_hit {
            true => damage.error_rate(rollout.error_rate),
            false => rollout.error_rate,
        };
        let burst = rollout.noise.burst;
        let bursts = random.poisson(requests as f64 * rate * common.errors / burst as f64);
        let errors = (burst * bursts).min(requests);

        let draw = random.normal();
        let level = common.latency * own.latency.step(draw).exp();
        let is_spiky = is_hit && damage.is_spiky(random);
        let latencies = (0..requests.min(TRACED)).map(|_| {
            let latency = rollout.shape.latency(random);
            let latency = match is_hit {
                true => damage.latency(random, is_spiky, latency),
                false => latency,
            };
            level * latency
        });
        let latencies = latencies.collect();

        let draw = random.normal();
        let together = own.common.step(draw);
        let gauges = self.levels.iter().zip(&mut own.gauges).enumerate();
        let gauges = gauges.map(|(index, (level, own))| {
            let draw = random.normal();
            let noise = own.step(draw);
            let value = level * common.gauges;
            match index {
                0 if is_hit => value * noise.exp() * damage.cpu(),
                1 if is_hit => value * noise.exp() * damage.memory(minute + 1 - onset),
                0 | 1 => value * noise.exp(),
                _ => value * (noise + together).exp(),
            }
        });
        Ok(Measured {
            counts: Counts::new(errors, requests)?,
            latencies,
            gauges: gauges.collect(),
        })
    }
}

struct Common {
    /// Requests a second, of both arms.
    traffic: f64,
    /// How many times what they are usually.
    errors: f64,
    latency: f64,
    gauges: f64,
}
