//! Every model that a program can choose when it runs against the laws of densities, plain and given a context.

use burn::tensor::{Device, Tensor};
use burn_flows::core::testing::{check_density, randomize, uniform};
use burn_flows::core::{FlowConfig, ScoreRanks};
use burn_flows::model::{ModelKind, Size};
use burn_flows::prelude::*;
use burn_flows::tables::{Preparation, TableFlowConfig};

fn size() -> Size {
    Size { layers: 2, hidden: vec![8, 8], bins: 4, components: 3, dropout: 0.0 }
}

#[test]
fn every_model_is_a_density() {
    let device = Device::default();
    for kind in ModelKind::ALL {
        let flow = randomize(size().model(kind, 3, 0, 0).init(&device), 0.1, 5);
        check_density::<2, (), _>(&flow, 32, &(), &device, 2e-3);
    }
}

#[test]
fn every_model_given_a_context_is_a_density() {
    let device = Device::default();
    let context: Tensor<2> = uniform([32, 2], -1.0, 1.0, 3, &device);
    for kind in ModelKind::ALL {
        for features in [1, 3] {
            let flow = randomize(size().model(kind, features, 2, 0).init(&device), 0.1, 5);
            check_density::<2, Tensor<2>, _>(&flow, 32, &context, &device, 2e-3);
        }
    }
}

#[test]
fn a_model_of_a_table_scores_and_draws_no_rows() {
    let device = Device::default();
    let values = (0..60).flat_map(|i| [f64::from(i % 7), (f64::from(i) * 0.37).sin()]).collect();
    let rows = TableRows::new(["count", "b"], values).unwrap().whole([0]);
    let given = rows.clone().given(["year"], (0..60).map(f64::from).collect()).unwrap();
    for rows in [rows, given] {
        let context = rows.given_names().len();
        for kind in ModelKind::ALL {
            let config = TableFlowConfig {
                model: size().model(kind, 2, context, 0),
                members: 2,
                whitened: true,
                given_whitened: context > 0,
                preparation: Preparation::of(&rows, 0).unwrap(),
                codec: None,
                ranks: ScoreRanks::new([-3.0, -2.5]),
                figures: serde_json::Value::Null,
                evaluation: serde_json::Value::Null,
                settings: serde_json::Value::Null,
                source: serde_json::Value::Null,
                data_hash: String::new(),
            };
            let flow = TableFlow::new(config.clone(), config.init(&device));
            assert_eq!(flow.log_probs(&rows.select(&[])).unwrap(), Vec::<f64>::new(), "{kind}");
            assert!(flow.worst_columns(&rows.select(&[])).unwrap().is_empty(), "{kind}");
            assert!(flow.oddest(&rows.select(&[]), 5).unwrap().is_empty(), "{kind}");
            if context == 0 {
                assert!(flow.sample(0, 0).unwrap().is_empty(), "{kind}");
            } else {
                assert!(flow.sample_given(0, &[1.0], 0).unwrap().is_empty(), "{kind}");
            }
        }
    }
}
