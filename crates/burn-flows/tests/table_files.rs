//! Files of models of tables that lie.

use burn_flows::core::testing::check_files_with;
use burn_flows::core::{FlowConfig, ScoreRanks};
use burn_flows::model::{ModelKind, Size};
use burn_flows::prelude::*;
use burn_flows::tables::{Preparation, TableFlowConfig};

fn config(kind: ModelKind, given: bool) -> (TableFlowConfig, TableRows) {
    let values = (0..60).flat_map(|i| [f64::from(i % 7), (f64::from(i) * 0.37).sin() * 1e9]).collect();
    let mut rows = TableRows::new(["count", "b"], values).unwrap().whole([0]);
    if given {
        let context = (0..60).flat_map(|i| [2000.0 + f64::from(i % 5), 1.0]).collect();
        rows = rows.given(["year", "one"], context).unwrap();
    }
    let size = Size { layers: 2, hidden: vec![8, 8], bins: 4, components: 2, dropout: 0.1 };
    let context = rows.given_names().len();
    let config = TableFlowConfig {
        model: size.model(kind, 2, context, 0),
        members: 2,
        whitened: !given,
        given_whitened: given && kind != ModelKind::Nsf,
        preparation: Preparation::of(&rows, 0).unwrap(),
        codec: None,
        ranks: ScoreRanks::new([-3.0, -2.5]),
        figures: serde_json::json!({"test": 1.5}),
        evaluation: serde_json::Value::Null,
        settings: serde_json::json!({"seed": 7}),
        source: serde_json::json!({"file": "t.csv"}),
        data_hash: "abc".to_owned(),
    };
    (config, rows.select(&[0, 1, 2, 3]))
}

#[test]
fn a_model_whose_file_lies_is_an_error_or_can_be_used() {
    let device = Device::default();
    let sizes = ["features", "layers", "hidden", "components", "columns", "places", "count", "members", "context"];
    for kind in ModelKind::ALL {
        // Each with conditions or without, as files take long.
        let given = matches!(kind, ModelKind::Mixture | ModelKind::Nsf | ModelKind::Made | ModelKind::MafMog);
        let (config, rows) = config(kind, given);
        check_files_with(&config, &sizes, &device, |config, flow| {
            let flow = TableFlow::new(config.clone(), flow.clone());
            let scores = flow.log_probs(&rows).unwrap();
            assert!(flow.p_values(&scores).iter().zip(&scores).all(|(p, score)| p.is_finite() || score.is_nan()));
            let drawn = if given { flow.sample_given(2, rows.context(), 0) } else { flow.sample(3, 0) };
            assert!(!drawn.unwrap().is_empty());
        });
    }
}

#[test]
fn a_model_for_other_columns_than_its_file_names_is_an_error() {
    let device = Device::default();
    let path = tempfile::NamedTempFile::new().unwrap();
    let (config, _) = config(ModelKind::Maf, false);
    let flow = config.init(&device);
    let mut lie = serde_json::to_value(&config).unwrap();
    lie["preparation"]["names"] = serde_json::json!(["a", "b", "c"]);
    let error = serde_json::from_value::<TableFlowConfig>(lie).unwrap_err().to_string();
    assert!(error.contains("expected 3 maps, got 2"), "{error}");
    let mut lie = config.clone();
    lie.model.context = 1;
    burn_flows::core::save(path.path(), &lie, &flow).unwrap();
    let error = TableFlow::load(path.path(), &device).unwrap_err().to_string();
    assert!(error.contains("conditions"), "{error}");
}

#[test]
fn a_model_of_a_file_whose_own_file_lies_is_an_error_or_can_be_used() {
    use burn_flows::data::{Codec, Plan, PlanOptions, ReadOptions, Unknown};
    let line = |i: usize| {
        let x = (i as f64 * 1.7).sin();
        format!(
            "{},{:.1},{},{:.3},2021-03-{:02}\n",
            ["f", "m"][i % 2],
            40.0 + x,
            3 + i * i % 5,
            (2.0 * x).exp(),
            1 + i % 28
        )
    };
    let csv = String::from("sex,bill,eggs,price,day\n") + &(0..80).map(line).collect::<String>();
    let frame = Frame::from_text(csv.as_bytes(), "birds.csv", &ReadOptions::new()).unwrap();
    let plan = Plan::new(&frame, &PlanOptions::new().with_given(["sex", "day"])).unwrap();
    let codec = Codec::fit(&plan, &frame).unwrap();
    let rows = TableRows::encoded(&codec, codec.encode(&frame, Unknown::Refuse).unwrap()).unwrap();
    let (context, features) = (rows.given_names().len(), rows.names().len());
    let config = TableFlowConfig {
        model: Size::of(100, 5, Quality::Fast).model(ModelKind::Gaussian, features, context, 0),
        members: 1,
        whitened: false,
        given_whitened: false,
        preparation: Preparation::of(&rows, 0).unwrap(),
        codec: Some(codec),
        ranks: ScoreRanks::new([-3.0]),
        figures: serde_json::Value::Null,
        evaluation: serde_json::Value::Null,
        settings: serde_json::Value::Null,
        source: serde_json::Value::Null,
        data_hash: String::new(),
    };
    let few = frame.head(3);
    check_files_with(&config, &["features", "members"], &Device::default(), |config, flow| {
        let flow = TableFlow::new(config.clone(), flow.clone());
        if let Ok(encoded) = flow.encode(&few, Unknown::Count) {
            flow.log_probs(&encoded.rows).unwrap();
            let drawn = flow.sample_given(2, encoded.rows.context(), 0).unwrap();
            assert_eq!(flow.decode(&drawn).unwrap().names(), config.preparation.names());
        }
    });
}
