//! A plan from a frame.

use super::{MissingRows, Plan, PlanOptions, Planned, Role};
use crate::DataError;
use crate::columns::{ColumnError, Kind, Summary};
use crate::frame::{Cells, Frame, FrameColumn};
use crate::table::shell_word;

/// A column that misses more than this share of its cells is left out, unless it is asked for.
const MOSTLY: f64 = 0.5;

impl Plan {
    /// Decides what becomes of each column of a frame.
    ///
    /// Left alone, every column that has a density is modelled: numbers, whole numbers, circles, times. Categories and
    /// answers are left out, unless they are given; so are identifiers, text, columns of one value, and those that miss
    /// most of their cells. With targets, all others that can be are conditions.
    ///
    /// # Errors
    ///
    /// A column that is named and not there, or named for two things; a column that cannot be of the kind that is set,
    /// or a target without a density; nothing left to model.
    pub fn new(frame: &Frame, options: &PlanOptions) -> Result<Self, DataError> {
        let file = frame.origin();
        let names: Vec<String> = frame.names().iter().map(|name| (*name).to_owned()).collect();
        let set = options.kinds.of(file, &names)?;
        let selected = options.columns.as_ref().map(|selection| selection.places(file, &names)).transpose()?;
        let named = Named::of(frame, options)?;
        let mut columns = vec![];
        for (place, column) in frame.columns().iter().enumerate() {
            let selected = selected.as_ref().map(|places| places.contains(&place));
            columns.push(planned(file, column, set[place], selected, &named)?);
        }
        if !columns.iter().any(|column| column.role.is_modelled()) {
            let reason = |column: &Planned| match &column.role {
                Role::LeftOut(reason) => reason.clone(),
                _ => column.reason.clone(),
            };
            let reasons = columns.iter().map(|column| format!("{} ({})", column.name, reason(column))).collect();
            return Err(ColumnError::NothingToModel { file: file.to_owned(), reasons }.into());
        }
        let mut plan = Self { columns, rows: frame.rows(), incomplete: 0, missing: options.missing };
        plan.incomplete = frame.rows() - plan.whole_rows(frame)?.len();
        Ok(plan)
    }
}

/// What each column is named for.
struct Named<'a> {
    targets: &'a [String],
    given: Option<&'a [String]>,
    weights: Option<&'a str>,
    /// Whether categories and missing cells are modelled.
    mixed: bool,
}

impl<'a> Named<'a> {
    fn of(frame: &Frame, options: &'a PlanOptions) -> Result<Self, DataError> {
        let given = options.given.as_deref();
        let mixed = options.missing == MissingRows::Model;
        let named = Self { targets: &options.targets, given, weights: options.weights.as_deref(), mixed };
        let all = [
            (named.targets, "a target"),
            (given.unwrap_or_default(), "a condition"),
            (options.weights.as_slice(), "the weight"),
        ];
        let mut seen: Vec<(&str, &'static str)> = vec![];
        for (names, what) in all {
            for name in names {
                frame.column(name)?;
                if let Some((_, first)) = seen.iter().find(|(other, _)| other == name) {
                    return Err(ColumnError::Twice { column: name.clone(), first, second: what }.into());
                }
                seen.push((name, what));
            }
        }
        Ok(named)
    }

    fn of_column(&self, name: &str) -> Option<Role> {
        let has = |names: &[String]| names.iter().any(|other| other == name);
        if has(self.targets) {
            Some(Role::Target)
        } else if self.given.is_some_and(has) {
            Some(Role::Condition)
        } else {
            (self.weights == Some(name)).then_some(Role::Weight)
        }
    }
}

fn planned(
    file: &str,
    column: &FrameColumn,
    set: Option<Kind>,
    selected: Option<bool>,
    named: &Named<'_>,
) -> Result<Planned, DataError> {
    let summary = Summary::of(column);
    let word = shell_word(&column.name);
    let (kind, reason) = match set {
        Some(kind) => {
            check(file, column, kind, &summary)?;
            (kind, "set with `--as`".to_owned())
        }
        None => Kind::detect_from(column, &summary),
    };
    let asked = named.of_column(&column.name);
    let (role, otherwise) = match asked {
        Some(role) => {
            check_role(file, column, kind, &role, &summary, named.mixed)?;
            (role, None)
        }
        None => role(column, kind, set.is_some(), selected, named, &summary, &word),
    };
    let otherwise = otherwise.or_else(|| match kind {
        // A decision that was made for the user.
        Kind::Above { .. } | Kind::Below { .. } | Kind::Between { .. } | Kind::Circle { .. }
            if set.is_none() && role.is_modelled() =>
        {
            Some(format!("--as {word}=number"))
        }
        Kind::Number if set.is_none() && role.is_modelled() && summary.range.is_some_and(|[min, _]| min == 0.0) => {
            Some(format!("--as {word}=min:0"))
        }
        Kind::Whole if set.is_none() && role == Role::Condition => Some(format!("--as {word}=category")),
        Kind::Whole if set.is_none() && role.is_modelled() => Some(format!("--as {word}=number")),
        _ => None,
    });
    let remarks = remarks(kind, &role, &summary, named.mixed);
    Ok(Planned { name: column.name.clone(), kind, reason, role, otherwise, summary, remarks })
}

/// The role of a column that is not named for one, and the flag that does otherwise.
fn role(
    column: &FrameColumn,
    kind: Kind,
    set: bool,
    selected: Option<bool>,
    named: &Named<'_>,
    summary: &Summary,
    word: &str,
) -> (Role, Option<String>) {
    let out = |reason: String, otherwise: Option<String>| (Role::LeftOut(reason), otherwise);
    let asked = selected == Some(true) && set;
    if selected == Some(false) {
        return out("not among `--columns`".to_owned(), Some(format!("--columns {word}")));
    }
    if summary.known() == 0 {
        return out("every cell is missing".to_owned(), None);
    }
    if summary.constant() {
        let value = (0..summary.rows).find_map(|row| column.text(row)).unwrap_or_default();
        return out(format!("it holds {value} in every row"), None);
    }
    let missing = summary.missing as f64 / summary.rows as f64;
    if missing > MOSTLY && selected.is_none() && !set {
        return out(format!("{:.0} % of its cells are missing", 100.0 * missing), Some(format!("--columns {word},..")));
    }
    let conditional = !named.targets.is_empty();
    let takes_rest = conditional && named.given.is_none();
    match kind {
        Kind::Identifier if set => out("set with `--as`".to_owned(), None),
        Kind::Identifier => {
            let otherwise = if matches!(column.cells, Cells::Words { .. }) { "category" } else { "count" };
            out("it only tells rows apart".to_owned(), Some(format!("--as {word}={otherwise}")))
        }
        Kind::Text => out("text".to_owned(), Some(format!("--as {word}=category"))),
        _ if takes_rest => (Role::Condition, (!asked).then(|| format!("--columns '!{}'", column.name))),
        _ if conditional => out("neither a target nor given".to_owned(), Some(format!("--given {word}"))),
        kind if kind.has_density() || named.mixed => (Role::Modelled, None),
        kind => out(format!("a {kind} has no density yet"), Some(format!("--given {word}"))),
    }
}

/// Whether a column can be what a user says that it is.
fn check(file: &str, column: &FrameColumn, kind: Kind, summary: &Summary) -> Result<(), ColumnError> {
    let fail = |reason: String, hint: String| {
        let (file, column, kind) = (file.to_owned(), column.name.clone(), kind.to_string());
        Err(ColumnError::NotOfKind { file, column, kind, reason, hint })
    };
    let first = || (0..summary.rows).find_map(|row| column.text(row)).unwrap_or_default();
    match (kind, &column.cells) {
        (Kind::Category | Kind::Identifier | Kind::Text, _) => Ok(()),
        (Kind::YesNo, _) if summary.distinct <= 2 => Ok(()),
        (Kind::YesNo, _) => {
            fail(format!("it holds {} different values", summary.distinct), "set it to category".to_owned())
        }
        (Kind::Time, Cells::Times(_)) => Ok(()),
        (Kind::Time, Cells::Numbers(_)) => {
            fail("it holds numbers".to_owned(), "number takes them as they are, such as seconds".to_owned())
        }
        (_, Cells::Words { words, .. }) => {
            let texts: Vec<&String> = words.iter().filter(|word| word.parse::<f64>().is_err()).collect();
            let shown = texts.first().map_or_else(first, |text| (*text).clone());
            let hint = format!("`--null {}` counts such cells as missing", shell_word(&shown));
            fail(format!("it holds text, such as `{shown}`"), hint)
        }
        (Kind::Whole, Cells::Numbers(values)) if !summary.whole => {
            let fraction = values.iter().position(|value| value.is_finite() && value.fract() != 0.0).unwrap_or(0);
            let value = column.text(fraction).unwrap_or_default();
            fail(format!("row {fraction} (counting from 0) holds {value}"), "number takes fractions".to_owned())
        }
        (
            Kind::Above { .. } | Kind::Below { .. } | Kind::Between { .. },
            Cells::Numbers(values) | Cells::Times(values),
        ) => {
            let (lower, upper) = bounds(kind);
            // A logarithm needs values above zero; a bound may be reached.
            match values.iter().position(|value| value.is_finite() && (*value < lower || *value > upper)) {
                Some(row) => {
                    let value = column.text(row).unwrap_or_default();
                    let hint = "other bounds, or number".to_owned();
                    fail(format!("row {row} (counting from 0) holds {value}"), hint)
                }
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

fn bounds(kind: Kind) -> (f64, f64) {
    match kind {
        Kind::Above { lower } => (lower, f64::INFINITY),
        Kind::Below { upper } => (f64::NEG_INFINITY, upper),
        Kind::Between { lower, upper } => (lower, upper),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    }
}

/// Whether a column can have the role that a user names it for.
fn check_role(
    file: &str,
    column: &FrameColumn,
    kind: Kind,
    role: &Role,
    summary: &Summary,
    mixed: bool,
) -> Result<(), ColumnError> {
    let (file, name) = (file.to_owned(), column.name.clone());
    let not = |what: &str, reason: String, hint: String| {
        let (file, column) = (file.clone(), name.clone());
        ColumnError::NotOfKind { file, column, kind: what.to_owned(), reason, hint }
    };
    if summary.constant() && *role != Role::Weight {
        let value = (0..summary.rows).find_map(|row| column.text(row)).unwrap_or_else(|| "nothing".to_owned());
        return Err(ColumnError::Constant { file, column: name, value });
    }
    match role {
        Role::Target if !(kind.has_density() || (mixed && kind.can_be_given())) => {
            Err(ColumnError::NoDensity { file, column: name, kind: format!("a column of kind `{kind}`") })
        }
        Role::Condition if !kind.can_be_given() => {
            let hint = format!("`--as {}=category` takes it as one of several words", shell_word(&column.name));
            Err(not("a condition", format!("it is {kind}, with {} different values", summary.distinct), hint))
        }
        Role::Weight if !matches!(column.cells, Cells::Numbers(_)) => {
            Err(not("the weight", "it holds no numbers".to_owned(), "weights are zero or more".to_owned()))
        }
        _ => Ok(()),
    }
}

/// What else there is to know of a column that is used.
fn remarks(kind: Kind, role: &Role, summary: &Summary, mixed: bool) -> Vec<String> {
    let mut found = of_values(kind, role, summary, mixed);
    if let (Kind::Circle { period }, Some([min, max])) = (kind, summary.range)
        && max - min > period
    {
        found.push(format!(
            "values span {}, more than the period: those beyond it are counted from its start",
            max - min
        ));
    }
    if summary.infinite > 0 && !matches!(role, Role::LeftOut(_)) {
        found.push(format!("{} cells are infinite, and count as missing", summary.infinite));
    }
    found
}

/// What there is to know of the values of a column that is modelled.
fn of_values(kind: Kind, role: &Role, summary: &Summary, mixed: bool) -> Vec<String> {
    let continuous = matches!(
        kind,
        Kind::Number | Kind::Above { .. } | Kind::Below { .. } | Kind::Between { .. } | Kind::Circle { .. }
    );
    if !role.is_modelled() || !continuous || summary.whole {
        return vec![];
    }
    let spike = summary.spikes.first().map(|spike| {
        let share = 100.0 * spike.rows as f64 / summary.known() as f64;
        match mixed {
            true => format!("{share:.0} % of rows hold {}, which has a probability of its own", spike.text),
            false => format!(
                "{share:.0} % of rows hold {}: no density has such a spike, and its likelihood grows without bound",
                spike.text
            ),
        }
    });
    let rounded = (summary.distinct * 10 <= summary.known() && summary.distinct > 1).then(|| {
        format!("rounded to {} different values: likelihoods say little beyond the rounding", summary.distinct)
    });
    spike.or(rounded).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ReadOptions, parse_as};

    fn frame() -> Frame {
        let mut text = String::from("id,species,mass,island,note,same,day,share\n");
        for i in 0..60 {
            let (species, island) = (["Adelie", "Gentoo", "Chinstrap"][i % 3], ["Dream", "Biscoe"][i % 2]);
            let day = i % 28 + 1;
            text += &format!(
                "{i},{species},{}.5,{island},note {},7,2024-05-{day:02},{}\n",
                i * i % 37 + 20,
                i * 2 / 3,
                (i % 21) as f64 / 20.0
            );
        }
        Frame::from_text(text.as_bytes(), "t.csv", &ReadOptions::new()).expect("good")
    }

    fn roles(options: &PlanOptions) -> Vec<(String, String)> {
        let plan = Plan::new(&frame(), options).unwrap_or_else(|error| panic!("{error}"));
        plan.columns.iter().map(|column| (column.name.clone(), column.role.to_string())).collect()
    }

    fn of(roles: &[(String, String)], role: &str) -> Vec<String> {
        roles.iter().filter(|(_, other)| other == role).map(|(name, _)| name.clone()).collect()
    }

    #[test]
    fn left_alone_all_that_has_a_density_is_modelled_and_the_rest_is_told_with_a_flag() {
        let plan = Plan::new(&frame(), &PlanOptions::new()).expect("a plan");
        let roles = roles(&PlanOptions::new());
        assert_eq!(of(&roles, "modelled"), ["mass", "day", "share"]);
        for (name, reason, flag) in [
            ("id", "only tells rows apart", Some("--as id=count")),
            ("species", "a category has no density yet", Some("--given species")),
            ("note", "text", Some("--as note=category")),
            ("same", "it holds 7 in every row", None),
        ] {
            let column = plan.column(name).expect("there");
            let Role::LeftOut(why) = &column.role else { panic!("{name} is {}", column.role) };
            assert!(why.contains(reason), "{name}: {why}");
            assert_eq!(column.otherwise.as_deref(), flag, "{name}");
        }
        assert_eq!(
            plan.column("share").and_then(|column| column.otherwise.clone()).as_deref(),
            Some("--as share=number")
        );
    }

    #[test]
    fn targets_are_given_the_rest_or_what_is_named() {
        let rest = roles(&PlanOptions::new().with_targets(["mass"]));
        assert_eq!(of(&rest, "given"), ["species", "island", "day", "share"]);
        let named = roles(&PlanOptions::new().with_targets(["mass"]).with_given(["species"]));
        assert_eq!((of(&named, "given"), of(&named, "target")), (vec!["species".to_owned()], vec!["mass".to_owned()]));
        let joint = roles(&PlanOptions::new().with_given(["island"]).with_weights("share"));
        assert_eq!(
            (of(&joint, "modelled"), of(&joint, "weight")),
            (vec!["mass".into(), "day".into()], vec!["share".to_owned()])
        );
    }

    #[test]
    fn kinds_and_columns_that_are_set_win() {
        let kinds = parse_as("id=count,species=category").expect("kinds");
        let options = PlanOptions::new().with_kinds(kinds).with_columns("id,mass".parse().expect("a selection"));
        let roles = roles(&options);
        assert_eq!(of(&roles, "modelled"), ["id", "mass"]);
        assert_eq!(of(&roles, "left out").len(), 6);
    }

    #[test]
    fn what_cannot_be_is_an_error_that_says_why_and_what_to_do() {
        let plain = PlanOptions::new;
        for (options, message) in [
            (plain().with_targets(["species"]), "`species`: a column of kind `category` has no density yet"),
            (plain().with_targets(["wing"]), "no column `wing`; the columns are `id`, `species`"),
            (plain().with_targets(["mass"]).with_given(["mass"]), "asked to be a target and a condition"),
            (plain().with_given(["note"]), "`note`: it cannot be a condition"),
            (plain().with_targets(["same"]), "`same`: it holds 7 in every row"),
            (plain().with_kinds(parse_as("species=log").expect("a kind")), "it holds text, such as `Adelie`"),
            (plain().with_kinds(parse_as("mass=count").expect("a kind")), "row 0 (counting from 0) holds 20.5; hint:"),
            (plain().with_kinds(parse_as("mass=max:30").expect("a kind")), "it cannot be below 30"),
            (plain().with_columns("species".parse().expect("a selection")), "no column is left to model"),
        ] {
            let error = Plan::new(&frame(), &options).expect_err(message).to_string();
            assert!(error.contains(message), "{error}");
            assert!(error.contains("hint:") || error.contains("the columns are"), "{error}");
        }
    }
}
