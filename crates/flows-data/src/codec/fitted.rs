//! A codec, and how it is fitted.

use flows_core::{ColumnMap, Scaling, ScalingConfig, Support};
use serde::{Deserialize, Serialize};

use super::{Condition, ModelledColumn};
use crate::DataError;
use crate::columns::ColumnError;
use crate::frame::Frame;
use crate::plan::Plan;
use crate::table::{TableError, WholeNumbers};

/// Between the columns of a table and the numbers of a flow: fitted to training rows, saved with the flow.
///
/// Modelled columns become `f64` in their own units (whole times in days, minutes or seconds), for a flow behind the
/// codec's [`scaling`](Self::scaling), which knows their bounds and circles; columns of [`whole`](Self::whole) numbers
/// are dequantised. Conditions become features of a network.
///
/// # Example
///
/// ```
/// use flows_data::{Codec, Frame, Plan, PlanOptions, ReadOptions, Unknown};
///
/// let mut csv = String::from("species,mass,born\n");
/// (0..50).for_each(|i| csv += &format!("{},{}.5,2021-03-{:02}\n", ["Adelie", "Gentoo"][i % 2], 30 + i * i % 17, i % 28 + 1));
/// let frame = Frame::from_text(csv.as_bytes(), "penguins.csv", &ReadOptions::new())?;
/// let plan = Plan::new(&frame, &PlanOptions::new().with_given(["species"]))?;
/// let codec = Codec::fit(&plan, &frame)?;
///
/// let encoded = codec.encode(&frame, Unknown::Refuse)?;
/// assert_eq!((encoded.values.len(), codec.width(), codec.context_width()), (100, 2, 3));
/// assert_eq!(encoded.values[..2], [30.5, 18687.0]); // days since 1970
/// let back = codec.decode(&[31.04, 18700.7]);
/// assert_eq!((back.columns()[0].text(0).unwrap(), back.columns()[1].text(0).unwrap()), ("31.0".into(), "2021-03-14".into()));
/// # Ok::<(), flows_data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Codec {
    pub(super) columns: Vec<ModelledColumn>,
    pub(super) conditions: Vec<Condition>,
    pub(super) weights: Option<String>,
    scaling: Scaling,
}

/// What a file says of a codec.
#[derive(Deserialize)]
struct Parts {
    columns: Vec<ModelledColumn>,
    conditions: Vec<Condition>,
    weights: Option<String>,
    scaling: Scaling,
}

impl TryFrom<Parts> for Codec {
    type Error = String;

    fn try_from(parts: Parts) -> Result<Self, String> {
        let Parts { columns, conditions, weights, scaling } = parts;
        if columns.len() != scaling.columns().len() {
            return Err(format!("`scaling`: expected {} maps, got {}", columns.len(), scaling.columns().len()));
        }
        match columns.iter().find(|column| !(column.unit.is_finite() && column.unit > 0.0)) {
            Some(column) => {
                Err(format!("`unit` of `{}`: expected a positive number, got {}", column.name, column.unit))
            }
            None => Ok(Self { columns, conditions, weights, scaling }),
        }
    }
}

/// The seed of the noise by which whole numbers are spread where their scale is taken.
const SEED: u64 = 0;

impl Codec {
    /// Fits a codec to the rows of a frame that miss no cell, as a plan says.
    ///
    /// # Errors
    ///
    /// A column that is not there, or does not vary in the rows that are left; absurd values; no whole row.
    pub fn fit(plan: &Plan, frame: &Frame) -> Result<Self, DataError> {
        let rows = plan.rows(frame)?;
        if rows.is_empty() {
            return Err(TableError::NoRows { file: frame.origin().to_owned() }.into());
        }
        let mut columns = vec![];
        let mut values = vec![];
        for planned in plan.modelled() {
            let column = frame.column(&planned.name)?.pick(&rows);
            let modelled = ModelledColumn::fit(&column, planned.kind)?;
            let numbers = modelled.values(frame.origin(), &column)?;
            if numbers.iter().all(|number| *number == numbers[0]) {
                let (file, value) = (frame.origin().to_owned(), column.text(0).unwrap_or_default());
                return Err(ColumnError::Constant { file, column: planned.name.clone(), value }.into());
            }
            values.push(numbers);
            columns.push(modelled);
        }
        let conditions = plan
            .conditions()
            .map(|planned| Ok(Condition::fit(&frame.column(&planned.name)?.pick(&rows), planned.kind)))
            .collect::<Result<_, DataError>>()?;
        let weights = plan.weight().map(|planned| planned.name.clone());
        let rows_of_values = (0..rows.len()).flat_map(|row| values.iter().map(move |column| column[row])).collect();
        let spread = whole(&columns).with_noise(rows_of_values, SEED);
        let supports: Vec<Support> = columns.iter().map(|column| column.support).collect();
        let scaling = ScalingConfig::new()
            .fit_within(&spread, &supports)
            .map_err(|error| named(error.into(), frame.origin(), &columns))?;
        Ok(Self { columns, conditions, weights, scaling })
    }

    /// The modelled columns, in their order.
    pub fn columns(&self) -> &[ModelledColumn] {
        &self.columns
    }

    /// The conditions, in their order.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// The name of the column of weights.
    pub fn weights(&self) -> Option<&str> {
        self.weights.as_deref()
    }

    /// The number of modelled columns.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The number of features of the conditions.
    pub fn context_width(&self) -> usize {
        self.conditions.iter().map(Condition::width).sum()
    }

    /// The names of the modelled columns, in their order.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    /// The names of the features of the conditions.
    pub fn feature_names(&self) -> Vec<String> {
        self.conditions.iter().flat_map(Condition::feature_names).collect()
    }

    /// The maps of the modelled columns, for [`Scaled`](flows_core::Scaled).
    pub fn scaling(&self) -> &Scaling {
        &self.scaling
    }

    /// The modelled columns that hold whole numbers.
    pub fn whole(&self) -> WholeNumbers {
        whole(&self.columns)
    }

    /// The modelled columns whose maps make heavy tails light.
    pub fn heavy_tailed(&self) -> Vec<&str> {
        let johnson = |map: &ColumnMap| matches!(map, ColumnMap::Johnson { .. });
        let columns = self.columns.iter().zip(self.scaling.columns());
        columns.filter(|(_, map)| johnson(map)).map(|(column, _)| column.name.as_str()).collect()
    }
}

/// The columns of whole numbers among some.
fn whole(columns: &[ModelledColumn]) -> WholeNumbers {
    let places = columns.iter().enumerate().filter(|(_, column)| column.whole).map(|(place, _)| place);
    WholeNumbers::new(columns.len(), places)
}

/// An error of a scaling with the names of the columns.
fn named(error: DataError, file: &str, columns: &[ModelledColumn]) -> DataError {
    use flows_core::{FlowError, ScalingError};

    let name = |place: usize| columns.get(place).map_or_else(|| place.to_string(), |column| column.name.clone());
    match error {
        DataError::Flow(FlowError::Scaling(ScalingError::Outliers { column, rows, largest })) => {
            TableError::Outliers { file: file.to_owned(), column: name(column), rows, largest }.into()
        }
        DataError::Flow(FlowError::Scaling(ScalingError::Constant { columns })) => {
            let columns = columns.into_iter().map(|(place, value)| (name(place), value)).collect();
            TableError::ConstantColumns { file: file.to_owned(), columns }.into()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FrameColumn, Kind, PlanOptions, Style, Unknown, parse_as};

    /// Every kind that has a density, and conditions of every kind.
    fn frame(rows: usize) -> Frame {
        let of = |f: fn(f64) -> f64| (0..rows).map(|i| f((i as f64 * 0.618_034).fract())).collect::<Vec<_>>();
        let times = |step: f64| {
            let cells = of(|p| p * 1000.0).into_iter().map(|x| 1.7e9 + (x * 86_400.0 / step).floor() * step);
            FrameColumn::new(format!("at {step}"), crate::Cells::Times(cells.collect()))
        };
        Frame::new(vec![
            FrameColumn::numbers("x", of(|p| (100.0 * (p - 0.5)).round() / 10.0)),
            FrameColumn::numbers("n", of(|p| (30.0 * p.powi(4)).floor())),
            FrameColumn::numbers("price", of(|p| (1000.0 * (-4.0 * p).exp()).round() / 10.0)),
            FrameColumn::numbers("visib", of(|p| if p > 0.8 { 10.0 } else { (120.0 * p).round() / 10.0 })),
            FrameColumn::numbers("share", of(|p| (100.0 * p).round() / 100.0)),
            FrameColumn::numbers("hour", of(|p| (24.0 * p).floor())),
            FrameColumn::numbers("angle", of(|p| ((3600.0 * p).floor() - 1800.0) / 10.0)),
            times(86_400.0),
            times(1.0),
            FrameColumn::words("sex", (0..rows).map(|i| ["m", "f", "u"][i % 3])),
            FrameColumn::words("ok", (0..rows).map(|i| if i % 2 == 0 { "yes" } else { "no" })),
        ])
        .expect("good columns")
    }

    fn codec(frame: &Frame) -> Codec {
        let kinds = "n=count,price=log,visib=max:10,share=interval:0:1,hour=circle:24,angle=circle:360";
        let options = PlanOptions::new().with_kinds(parse_as(kinds).expect("kinds")).with_given(["sex", "ok"]);
        let plan = Plan::new(frame, &options).unwrap_or_else(|error| panic!("{error}"));
        Codec::fit(&plan, frame).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn every_kind_goes_in_and_comes_out_as_it_was() {
        let frame = frame(500);
        let codec = codec(&frame);
        assert_eq!((codec.width(), codec.context_width()), (9, 4 + 1));
        let encoded = codec.encode(&frame, Unknown::Refuse).expect("its own rows");
        let noisy = codec.whole().with_noise(encoded.values.clone(), 3);
        let (y, log_dets) = codec.scaling().forward(&noisy);
        assert!(y.iter().chain(&log_dets).all(|value| value.is_finite()));
        let back = codec.decode(&codec.scaling().inverse(&y));
        for (out, column) in back.columns().iter().zip(frame.columns()) {
            assert_eq!((&out.name, &out.style), (&column.name, &column.style));
            for row in 0..frame.rows() {
                assert_eq!(out.text(row), column.text(row), "row {row} of {}", column.name);
            }
        }
    }

    #[test]
    fn samples_stay_inside_of_bounds_whatever_a_flow_draws() {
        let frame = frame(500);
        let codec = codec(&frame);
        let mut rng = flows_core::generator(1, 0);
        let y: Vec<f64> = (0..9 * 2000).map(|_| 20.0 * (rand::RngExt::random::<f64>(&mut rng) - 0.5)).collect();
        let drawn = codec.decode(&codec.scaling().inverse(&y));
        let range = |name: &str| {
            let values = drawn.column(name).expect("there").cells.values().expect("numbers").to_vec();
            values.into_iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)))
        };
        assert!(range("price").0 > 0.0 && range("n").0 >= 0.0);
        assert!(range("visib").1 == 10.0 && range("visib").0 < 0.0);
        assert_eq!(range("share"), (0.0, 1.0));
        assert_eq!(range("hour"), (0.0, 23.0));
        assert!(range("angle").0 >= -180.0 && range("angle").1 < 180.0, "{:?}", range("angle"));
        let whole = drawn.column("n").expect("there").cells.values().expect("numbers").iter().all(|x| x.fract() == 0.0);
        assert!(whole);
    }

    #[test]
    fn rows_of_other_files_are_encoded_by_name_and_what_is_unknown_is_told() {
        let frame = frame(500);
        let codec = codec(&frame);
        let order = "sex,ok,at 1,at 86400,angle,hour,share,visib,price,n,x".parse().expect("a selection");
        let other = frame.select(&order).expect("all");
        let same = codec.encode(&frame, Unknown::Refuse).expect("its own rows");
        assert_eq!(codec.encode(&other, Unknown::Refuse).expect("the same rows"), same);
        let lacking = frame.select(&"!price".parse().expect("a selection")).expect("the rest");
        assert!(
            codec.encode(&lacking, Unknown::Refuse).expect_err("no price").to_string().contains("no column `price`")
        );
        let high = frame.clone().with_column(FrameColumn::numbers("visib", vec![11.0; 500])).expect("as long");
        let message = codec.encode(&high, Unknown::Refuse).expect_err("too high").to_string();
        assert!(
            message.contains("row 0") && message.contains("`visib`: 11 is not below 10 (500 such cells)"),
            "{message}"
        );
        let counted = codec.encode(&high, Unknown::Count).expect("counted");
        assert!(counted.counted[0].to_string().contains("500 cells are not below 10"), "{}", counted.counted[0]);
        let (y, _) = codec.scaling().forward(&counted.values);
        assert_eq!(y[3], f64::INFINITY);
        let text = frame.clone().with_column(FrameColumn::words("x", vec!["a"; 500])).expect("as long");
        let message = codec.encode(&text, Unknown::Refuse).expect_err("text").to_string();
        assert!(message.contains("`x`: it holds text, and numbers in the training rows"), "{message}");
        let holes = frame.with_column(FrameColumn::numbers("x", (0..500).map(|i| if i == 2 { f64::NAN } else { 0.5 })));
        assert_eq!(codec.encode(&holes.expect("as long"), Unknown::Refuse).expect("the others").rows.len(), 499);
    }

    #[test]
    fn conditions_are_said_in_words() {
        let codec = codec(&frame(500));
        let given = codec.given("ok=yes,sex=f").expect("both");
        let context = codec.encode_context(&given, Unknown::Refuse).expect("known");
        assert_eq!((context.rows.len(), context.context.len()), (1, codec.context_width()));
        for (text, message) in [
            ("ok=yes", "`sex` is not said"),
            ("ok=yes,sex=f,age=3", "`age` is no condition of the model; hint: the conditions are `sex`, `ok`"),
            ("ok=yes,sex=f,sex=m", "`sex` is said twice"),
        ] {
            let error = codec.given(text).expect_err(message).to_string();
            assert!(error.contains(message), "{error}");
        }
        let other = codec.given("ok=yes,sex=x").expect("a word");
        assert!(
            codec.encode_context(&other, Unknown::Refuse).expect_err("unknown").to_string().contains("`x` was not")
        );
    }

    #[test]
    fn weights_have_a_mean_of_one_and_no_negative_one() {
        let x = FrameColumn::numbers("x", [1.5, 2.5, 3.0]);
        let weighed = |weights: [f64; 3]| {
            let frame = Frame::new(vec![x.clone(), FrameColumn::numbers("w", weights)]).expect("good");
            let plan = Plan::new(&frame, &PlanOptions::new().with_weights("w")).expect("a plan");
            Codec::fit(&plan, &frame).expect("a codec").encode(&frame, Unknown::Refuse).map(|encoded| encoded.weights)
        };
        assert_eq!(weighed([1.0, 2.0, 3.0]).expect("good"), Some(vec![0.5, 1.0, 1.5]));
        assert!(weighed([1.0, -2.0, 3.0]).expect_err("negative").to_string().contains("row 1"));
        assert!(weighed([0.0, 0.0, 0.0]).expect_err("all zero").to_string().contains("every weight is zero"));
    }

    #[test]
    fn a_codec_survives_json_and_a_foreign_one_is_refused() {
        let codec = codec(&frame(300));
        let json = serde_json::to_string(&codec).expect("numbers");
        assert_eq!(serde_json::from_str::<Codec>(&json).expect("its own"), codec);
        let mut value: serde_json::Value = serde_json::from_str(&json).expect("its own");
        value["columns"].as_array_mut().expect("a list").pop();
        assert!(
            serde_json::from_value::<Codec>(value).expect_err("too few").to_string().contains("expected 8 maps, got 9")
        );
    }

    #[test]
    fn absurd_values_are_an_error_that_names_the_column() {
        let x = (0..200).map(|i| if i == 7 { 9.97e36 } else { f64::from(i * i % 41) + 0.5 });
        let frame = Frame::new(vec![FrameColumn::numbers("sst", x)]).expect("good").named("t.csv");
        let plan =
            Plan::new(&frame, &PlanOptions::new().with_kinds(parse_as("sst=number").expect("a kind"))).expect("a plan");
        let message = Codec::fit(&plan, &frame).expect_err("absurd").to_string();
        assert!(message.starts_with("t.csv, column `sst`: 9.97") && message.contains("rows 7"), "{message}");
        assert_eq!(plan.column("sst").map(|column| column.kind), Some(Kind::Number));
        assert!(matches!(frame.columns()[0].style, Style::Digits(_)));
    }
}
