//! What every public type can do: cross threads, be copied, printed and compared, and, where it is
//! data, be written and read.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::path::Path;
use std::str::FromStr;

use canary_core::anomaly::{
    Amount, AnomalousFeature, AnomalousWindows, AnomalyResult, AnomalyWindow, Forest,
    IsolationForest, Matrix, Missing, RandomCutForest, RandomCutForestMonitor, StreamScore,
    WindowBasis, WindowDependence, WindowTimes,
};
use canary_core::data::Bucket;
use canary_core::judge::engines::{
    ArgoAnalysis, ArgoEffect, ArgoLook, ArgoMeasurement, ArgoMetric, ArgoMetricLook,
    ArgoMetricResult, ArgoPattern, ArgoPhase, ArgoRetention, ArgoRun, EngineReading,
    FlaggerAnalysis, FlaggerCheck, FlaggerHooks, FlaggerLook, FlaggerMetric, FlaggerPhase,
    FlaggerRange, FlaggerRun, KeptnAnalysis, KeptnComparison, KeptnCriteria, KeptnDefinition,
    KeptnDefinitionObjective, KeptnEvaluation, KeptnObjective, KeptnObjectiveResult, KeptnOperator,
    KeptnOutcome, KeptnPercentages, KeptnQuantity, KeptnRange, KeptnReference, KeptnSlo,
    KeptnTarget, KeptnTotalScore, KeptnValue, LimitHit, LimitName, LimitState, Limits, Outcome,
    Tally, WindowLimit,
};
use canary_core::judge::{
    Acceptable, Actions, Advice, Aggregation, AnomalyCondition, Answer, Bound, BoundExpression,
    BoundFormula, Change, Check, Comparator, Comparison, Condition, DistributionCondition,
    ExpectedTraffic, Expression, ExpressionCondition, FairnessCondition, Flip, FlipChange,
    FlipKind, Formula, Looks, MissingCondition, Multiplicity, NamedValue, NoData, Part, Quantity,
    Reading, Reference, Role, SampleRatioCondition, Scope, Score, Scored, Setting, Severity, Side,
    StandardCondition, Statistic, TestCondition, TestGoal, TestMethod, Threshold, Topic,
    TrendCondition, Truth, Watch,
};
use canary_core::report::{Context, Report, Style};
use canary_core::sequential::{
    Assume, Basis, ChangeModel, ChangePoint, Cusum, CusumMonitor, Decision, Dependence,
    Discoveries, DistributionComparison, DistributionComparisonMonitor, EDetector, EDetectorMethod,
    EDetectorMonitor, EventSplit, EventSplitMonitor, GroupPlan, GroupSequential,
    GroupSequentialMonitor, Hypotheses, Level, Look, LookBounds, MeanSequence, MeanSequenceMonitor,
    MixtureSprt, MixtureSprtMonitor, MonitorName, PlannedLook, ProportionBlocks,
    ProportionBlocksMonitor, ProportionSequence, ProportionSequenceMonitor, QuantileBound,
    QuantileComparison, QuantileComparisonMonitor, QuantileSequence, QuantileSequenceMonitor,
    SampleRatioMismatch, SampleRatioMonitor, SeriesComparison, SeriesMonitor, Spending, Sprt,
    SprtBounds, SprtMethod, SprtMonitor, SprtPlan, SprtPlanner, State, TakenLook,
};
use canary_core::stats::{
    self, Adjustment, AndersonDarling, ArmLevel, Autocorrelation, BayesDecision, BayesModel,
    BayesResult, BayesianTest, Bootstrap, BootstrapInterval, BootstrapResult, BrownForsythe,
    BrunnerMunzel, BrunnerMunzelMethod, Centre, ChiSquare, ChiSquareContinuity, Clusters,
    CochranMantelHaenszel, Continuity, Effect, EffectSize, Equivalence, EquivalenceOutcome,
    EquivalenceResult, Estimate, ExactProportions, FairnessGap, FairnessNotion, FairnessResult,
    Gap, Goal, Homogeneity, Interval, KolmogorovSmirnov, MeanPrior, Method, Model, Overdispersion,
    PairedSeries, PairedT, Pairing, Plan, Posterior, Power, PowerGoal, PowerResult,
    ProportionInterval, ProportionMethod, QuantileInterval, QuantileTest, RankMethod, RateMethod,
    RatioMetric, Rope, SampleRatio, SeriesMethod, ShiftInterval, SignedRank, SlopeInterval,
    TestName, Traffic, Trend, TrendResult, TwoRates, Typical, VanElteren, Variance, WeightedMeans,
    ZeroPolicy,
};
use canary_core::{
    Alternative, Arm, Arms, Confidence, Counts, Design, Direction, Error, Exposure, Finding, Gauge,
    Histogram, MannWhitney, Margin, Measure, Metric, NanPolicy, Observations, Policy,
    Recommendation, Sample, Series, Snapshot, Status, Summary, TTest, TestResult, TwoProportionZ,
    Verdict,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::layers::rust_files;

/// Crosses threads, can be copied, printed for developers and compared.
trait Plain: Send + Sync + Clone + Debug + PartialEq + 'static {}
impl<T: Send + Sync + Clone + Debug + PartialEq + 'static> Plain for T {}

/// Can be written and read back.
trait Data: Plain + Serialize + DeserializeOwned {}
impl<T: Plain + Serialize + DeserializeOwned> Data for T {}

/// A choice among words.
trait Choice: Data + Copy + Eq + Display + FromStr<Err = Error> {}
impl<T: Data + Copy + Eq + Display + FromStr<Err = Error>> Choice for T {}

/// Holds a trait against types, and names them.
macro_rules! all {
    ($held:ident: $($type:ty),+ $(,)?) => {{
        fn hold<T: $held>() {}
        $(hold::<$type>();)+
        vec![$(stringify!($type)),+]
    }};
}

/// Every choice among words, for what is asked of all of them.
macro_rules! choices {
    ($then:ident!($($before:tt)*)) => {
        $then!($($before)* Adjustment, Alternative, ArgoEffect, ArgoPhase, Arm, Assume, Autocorrelation, Basis,
            BayesDecision, BayesModel, BootstrapInterval, BrunnerMunzelMethod, Centre, ChangeModel,
            ChiSquareContinuity, Comparator, Continuity, Decision, Design, Direction, EDetectorMethod, Effect,
            EquivalenceOutcome, FairnessNotion, FlaggerPhase, FlipKind, Goal, KeptnOutcome, Level,
            LimitName, Looks, Measure, Method, Missing, MonitorName, Multiplicity, NanPolicy, NoData,
            Outcome, Pairing, PowerGoal, ProportionInterval, ProportionMethod, QuantileBound,
            QuantileInterval, RankMethod, RateMethod, Recommendation, Role, SeriesMethod, Setting,
            Severity, ShiftInterval, SlopeInterval, SprtBounds, SprtMethod, stats::Statistic, Status,
            TestGoal, TestMethod, TestName, Topic, Typical, Variance, WindowBasis, WindowTimes,
            ZeroPolicy)
    };
}

fn choices() -> Vec<&'static str> {
    choices!(all!(Choice:))
}

fn data() -> Vec<&'static str> {
    all!(Data: Acceptable, Advice, Amount, AnomalousFeature, AnomalousWindows, AnomalyResult, AnomalyWindow,
        Answer, ArgoAnalysis, ArgoLook, ArgoMeasurement, ArgoMetric, ArgoMetricLook, ArgoMetricResult,
        ArgoPattern, ArgoRetention, ArgoRun, ArmLevel, Arms<f64>, BayesResult, BootstrapResult,
        Bucket, Change, ChangePoint, Clusters, Comparison, Confidence, Context, Counts, Cusum,
        CusumMonitor, Dependence, Discoveries, DistributionComparison, DistributionComparisonMonitor,
        EDetector, EDetectorMonitor, EffectSize, EngineReading, EquivalenceResult, Estimate,
        EventSplit, EventSplitMonitor, ExpectedTraffic, Exposure, Expression, FairnessResult, Finding,
        FlaggerAnalysis, FlaggerCheck, FlaggerHooks, FlaggerLook, FlaggerMetric, FlaggerRange,
        FlaggerRun, Flip, FlipChange, Forest, Formula, Gap, Gauge, GroupPlan, GroupSequential,
        GroupSequentialMonitor, Histogram, Homogeneity, Hypotheses, Interval, IsolationForest,
        KeptnAnalysis, KeptnComparison, KeptnCriteria, KeptnDefinition, KeptnDefinitionObjective,
        KeptnEvaluation, KeptnObjective, KeptnObjectiveResult, KeptnOperator, KeptnPercentages,
        KeptnQuantity, KeptnRange, KeptnReference, KeptnSlo, KeptnTarget, KeptnTotalScore, KeptnValue,
        LimitHit, Limits, LimitState, Look, LookBounds, Margin, MeanPrior, MeanSequence,
        MeanSequenceMonitor, Metric, MixtureSprt, MixtureSprtMonitor, Model, NamedValue, Observations,
        Overdispersion, Part, Plan, PlannedLook, Policy, Posterior, PowerResult, ProportionBlocks,
        ProportionBlocksMonitor, ProportionSequence, ProportionSequenceMonitor, QuantileComparison,
        QuantileComparisonMonitor, QuantileSequence, QuantileSequenceMonitor, RandomCutForest,
        RandomCutForestMonitor, Reading, Reference, Rope, Sample, SampleRatio, SampleRatioMismatch,
        SampleRatioMonitor, Scored, Series, SeriesComparison, SeriesMonitor, Side, Snapshot, Spending,
        Sprt, SprtMonitor, SprtPlan, State, Statistic, StreamScore, Summary, TakenLook, Tally,
        TestResult, Traffic, TrendResult, Truth, Verdict, Watch, WindowDependence, WindowLimit)
}

/// Types that are there with the feature `linfa` alone; without it, their names.
macro_rules! all_of_linfa {
    ($held:ident: $($type:ident),+ $(,)?) => {{
        #[cfg(feature = "linfa")]
        all!($held: $(canary_core::anomaly::$type),+);
        vec![$(stringify!($type)),+]
    }};
}

fn of_linfa() -> Vec<&'static str> {
    let data = all_of_linfa!(Data: Incident, Incidents, MetricShare);
    let plain = all_of_linfa!(Plain: ForestModel, IsolationForestParams,
        IsolationForestValidParams, ScoredWindows);
    [data, plain].concat()
}

/// Tests are configured in code, and a policy is written as a whole.
fn plain() -> Vec<&'static str> {
    all!(Plain: Actions, Aggregation, AndersonDarling, AnomalyCondition, BayesianTest, Bootstrap, Bound,
        BoundExpression, BoundFormula, BrownForsythe, BrunnerMunzel, Check, ChiSquare,
        CochranMantelHaenszel, Condition, DistributionCondition, Equivalence, Error, ExactProportions,
        ExpressionCondition, FairnessCondition, FairnessGap, KolmogorovSmirnov, MannWhitney,
        Matrix<'static>, MissingCondition, PairedSeries, PairedT, Power, QuantileTest, Quantity,
        RatioMetric, Report<'static>, SampleRatioCondition, Scope<'static>, Score, SignedRank,
        SprtPlanner, StandardCondition, Style, TestCondition, Threshold, Trend, TrendCondition, TTest,
        TwoProportionZ, TwoRates, VanElteren, WeightedMeans)
}

/// Public, but not re-exported by `lib.rs`: a caller can read one and not name it.
const WITHOUT_A_PATH: [&str; 1] = ["Location"];

/// Holds an error of linfa's, which cannot be compared.
const NOT_COMPARED: [&str; 1] = ["ModelError"];

#[test]
fn every_public_type_is_listed_here() {
    let listed: BTreeSet<&str> = [choices(), data(), of_linfa(), plain()]
        .concat()
        .into_iter()
        .map(|name| name.split('<').next().unwrap())
        .map(|path| path.rsplit(':').next().unwrap().trim())
        .chain(WITHOUT_A_PATH)
        .chain(NOT_COMPARED)
        .collect();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut public = BTreeSet::new();
    for path in rust_files(&src) {
        let source = std::fs::read_to_string(path).unwrap();
        public.extend(public_types(&source));
    }
    assert!(public.len() >= 50, "only {public:?}");
    let public: BTreeSet<&str> = public.iter().map(String::as_str).collect();
    assert_eq!(listed, public);
}

/// The names that a source file declares with `pub struct`, `pub enum`, `choice!` or `builder!`.
fn public_types(source: &str) -> BTreeSet<String> {
    let word =
        |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric()).collect() };
    let mut names = BTreeSet::new();
    let mut in_choice = false;
    for line in source.lines() {
        if let Some(rest) = ["pub struct ", "pub enum "]
            .iter()
            .find_map(|start| line.strip_prefix(start))
        {
            names.insert(word(rest));
        }
        names.remove(""); // a macro's `pub struct $name`
        in_choice |= ["choice! {", "builder! {", "design! {"]
            .iter()
            .any(|start| line.starts_with(start));
        let declared = line.trim_start();
        if in_choice && declared.starts_with(char::is_uppercase) {
            names.insert(word(declared));
            in_choice = false;
        }
    }
    names
}

#[test]
fn errors_are_errors() {
    fn hold<T: std::error::Error + Send + Sync + 'static>() {}
    hold::<Error>();
}

#[test]
fn every_choice_reads_as_it_is_written() {
    macro_rules! check {
        ($($choice:ty),+) => {[$({
            for &choice in <$choice>::ALL {
                assert_eq!(choice.to_string().parse::<$choice>(), Ok(choice));
                let written = serde_json::to_value(choice).unwrap();
                assert_eq!(written, choice.as_str());
                assert_eq!(serde_json::from_value::<$choice>(written).unwrap(), choice);
            }
            assert!("no such word".parse::<$choice>().is_err());
            <$choice>::ALL.len()
        }),+]};
    }
    let counts = choices!(check!());
    assert_eq!(counts.len(), choices().len());
    assert!(counts.iter().all(|&count| count >= 2), "{counts:?}");
}
