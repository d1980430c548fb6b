//! Kinds that a user sets.

use std::str::FromStr;

use super::{ColumnError, Kind, list::pairs};
use crate::table::{TableError, matching};

/// Kinds of columns by name or pattern, as `year=category,hour=circle:24,x*=log`.
///
/// | text | kind |
/// |---|---|
/// | `number` | [`Kind::Number`] |
/// | `count`, `whole` | [`Kind::Whole`] |
/// | `log` | [`Kind::Above`] 0 |
/// | `min:0` | [`Kind::Above`] a bound |
/// | `max:10` | [`Kind::Below`] a bound |
/// | `interval:0:1` | [`Kind::Between`] |
/// | `circle:24` | [`Kind::Circle`] |
/// | `time` | [`Kind::Time`] |
/// | `category` | [`Kind::Category`] |
/// | `yes-no` | [`Kind::YesNo`] |
/// | `skip`, `id` | [`Kind::Identifier`], which is left out |
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kinds {
    all: Vec<(String, Kind)>,
}

/// Reads kinds of columns, as `year=category,hour=circle:24,visib=max:10,price=log,share=interval:0:1,n=count`.
///
/// # Errors
///
/// A list that cannot be read, an unknown kind, bounds or a period that are no numbers or in the wrong order.
///
/// # Example
///
/// ```
/// use flows_data::parse_as;
///
/// assert!(parse_as("hour=circle:24,price=log").is_ok());
/// let message = parse_as("share=interval:1:0").unwrap_err().to_string();
/// assert!(message.starts_with("`share=interval:1:0`: 1 is not below 0; hint:"));
/// ```
pub fn parse_as(text: &str) -> Result<Kinds, ColumnError> {
    let all = pairs(text)?.into_iter().map(|(column, kind)| Ok((column.clone(), parse(&column, &kind)?)));
    Ok(Kinds { all: all.collect::<Result<_, ColumnError>>()? })
}

impl FromStr for Kinds {
    type Err = ColumnError;

    fn from_str(text: &str) -> Result<Self, ColumnError> {
        parse_as(text)
    }
}

impl Kinds {
    /// Sets the kind of a column.
    #[must_use]
    pub fn with(mut self, column: impl Into<String>, kind: Kind) -> Self {
        self.all.push((column.into(), kind));
        self
    }

    /// The kind of each column, where one is set; later ones win.
    pub(crate) fn of(&self, file: &str, names: &[String]) -> Result<Vec<Option<Kind>>, TableError> {
        let mut kinds = vec![None; names.len()];
        for (name, kind) in &self.all {
            for place in matching(file, std::slice::from_ref(name), names)? {
                kinds[place] = Some(*kind);
            }
        }
        Ok(kinds)
    }
}

fn parse(column: &str, text: &str) -> Result<Kind, ColumnError> {
    let mut parts = text.split(':');
    let word = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let arguments: Vec<&str> = parts.collect();
    let problem = |reason: String, hint| {
        let (column, kind) = (column.to_owned(), text.to_owned());
        ColumnError::KindArgument { column, kind, reason, hint }
    };
    let numbers = |count: usize, hint: &'static str| -> Result<Vec<f64>, ColumnError> {
        if arguments.len() != count {
            let reason = format!("{} numbers where {count} are needed", arguments.len());
            return Err(problem(reason, hint));
        }
        let number = |text: &&str| {
            let read = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            read.ok_or_else(|| problem(format!("`{text}` is no number"), hint))
        };
        arguments.iter().map(number).collect()
    };
    let plain = |kind: Kind| numbers(0, "this kind takes no numbers").map(|_| kind);
    match word.as_str() {
        "number" | "real" | "float" => plain(Kind::Number),
        "count" | "whole" | "integer" | "int" => plain(Kind::Whole),
        "log" | "positive" => plain(Kind::Above { lower: 0.0 }),
        "min" | "above" => Ok(Kind::Above { lower: numbers(1, "the bound, as in min:0")?[0] }),
        "max" | "below" => Ok(Kind::Below { upper: numbers(1, "the bound, as in max:10")?[0] }),
        "interval" | "between" => {
            let hint = "both ends, the lower one first, as in interval:0:1";
            let ends = numbers(2, hint)?;
            match ends[0] < ends[1] {
                true if !(ends[1] - ends[0]).is_finite() => {
                    Err(problem("the interval is wider than the largest number".to_owned(), hint))
                }
                true => Ok(Kind::Between { lower: ends[0], upper: ends[1] }),
                false => Err(problem(format!("{} is not below {}", ends[0], ends[1]), hint)),
            }
        }
        "circle" | "period" => {
            let hint = "one turn, as in circle:24 or circle:360";
            let period = numbers(1, hint)?[0];
            match period > 0.0 {
                true => Ok(Kind::Circle { period }),
                false => Err(problem(format!("{period} is no turn"), hint)),
            }
        }
        "time" | "date" => plain(Kind::Time),
        "category" | "code" | "class" => plain(Kind::Category),
        "yes-no" | "yesno" | "bool" | "flag" => plain(Kind::YesNo),
        "skip" | "id" | "identifier" | "text" => plain(Kind::Identifier),
        _ => Err(ColumnError::UnknownKind { column: column.to_owned(), kind: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_text_that_gives_it_back() {
        for kind in [
            Kind::Number,
            Kind::Whole,
            Kind::Circle { period: 24.0 },
            Kind::Time,
            Kind::Above { lower: 0.0 },
            Kind::Above { lower: -1.5 },
            Kind::Below { upper: 10.0 },
            Kind::Between { lower: 0.0, upper: 1.0 },
            Kind::Category,
            Kind::YesNo,
            Kind::Identifier,
        ] {
            assert_eq!(parse("x", &kind.flag()), Ok(kind));
        }
    }

    #[test]
    fn kinds_are_set_by_name_and_pattern_and_later_ones_win() {
        let names = ["a", "x1", "x2"].map(str::to_owned);
        let kinds = parse_as("x*=log,x2=number").expect("kinds").of("t.csv", &names).expect("all are there");
        assert_eq!(kinds, [None, Some(Kind::Above { lower: 0.0 }), Some(Kind::Number)]);
        let message = parse_as("y=log").expect("a kind").of("t.csv", &names).expect_err("no `y`").to_string();
        assert!(message.contains("no column `y`; the columns are `a`, `x1`, `x2`"), "{message}");
    }

    #[test]
    fn what_is_wrong_with_a_kind_is_said() {
        for (text, reason) in [
            ("a=roman", "`a=roman`: no such kind; hint: there are number"),
            ("a=circle", "0 numbers where 1 are needed"),
            ("a=circle:-1", "-1 is no turn"),
            ("a=max:ten", "`ten` is no number"),
            ("a=number:3", "1 numbers where 0 are needed"),
            ("a", "`a` has no `=`"),
        ] {
            let message = parse_as(text).expect_err(text).to_string();
            assert!(message.contains(reason), "{message}");
        }
    }
}
