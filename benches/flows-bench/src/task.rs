//! What is measured: a task by its name, or by what it is made of.

use std::str::FromStr;

/// The tasks that have names, one a line.
const NAMED: &str = include_str!("../tasks.txt");

/// The kind of flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Coupling,
    Spline {
        bins: usize,
    },
    Maf,
    AutoregressiveSpline {
        bins: usize,
    },
    /// Images of `size` x `size` pixels with `features` channels; `layers` steps in each scale.
    Glow {
        size: usize,
        scales: usize,
    },
}

/// A flow of `layers` layers on `features` features, each with a network of two hidden ReLU layers, and a batch.
/// The networks of images are convolutions of 3x3, 1x1 and 3x3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Task {
    /// As it was asked for.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) features: usize,
    pub(crate) layers: usize,
    pub(crate) hidden: usize,
    pub(crate) batch: usize,
}

impl FromStr for Task {
    type Err = String;

    /// A name, or what a name stands for: `coupling:features=6,layers=8,hidden=128,batch=256`.
    fn from_str(text: &str) -> Result<Self, String> {
        match named().find(|(name, _)| *name == text) {
            Some((_, made_of)) => made(text, made_of),
            None if text.contains(':') => made(text, text),
            None => {
                let known: Vec<&str> = named().map(|(name, _)| name).collect();
                Err(format!("no such task; there are {}, or kind:key=number,..", known.join(", ")))
            }
        }
    }
}

impl Task {
    /// Every task that has a name.
    pub(crate) fn all() -> Vec<Self> {
        named().map(|(name, made_of)| made(name, made_of).expect("the tests read every line")).collect()
    }
}

/// Names, and what they stand for.
fn named() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = NAMED.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).map(|(name, made_of)| (name, made_of.trim()))
}

fn made(name: &str, made_of: &str) -> Result<Task, String> {
    let (kind, numbers) = made_of.split_once(':').ok_or("expected kind:key=number,..")?;
    let mut numbers = Numbers::read(numbers)?;
    let task = Task {
        name: name.to_owned(),
        kind: match kind {
            "coupling" => Kind::Coupling,
            "spline" => Kind::Spline { bins: numbers.take("bins")? },
            "maf" => Kind::Maf,
            "arspline" => Kind::AutoregressiveSpline { bins: numbers.take("bins")? },
            "glow" => Kind::Glow { size: numbers.take("size")?, scales: numbers.take("scales")? },
            _ => return Err(format!("`{kind}` is no kind; there are coupling, spline, maf, arspline and glow")),
        },
        features: numbers.take("features")?,
        layers: numbers.take("layers")?,
        hidden: numbers.take("hidden")?,
        batch: numbers.take("batch")?,
    };
    match numbers.0.first() {
        Some((key, _)) => Err(format!("`{key}` is not for {kind}, or is given twice")),
        None => Ok(task),
    }
}

/// Numbers by key, until each is taken.
struct Numbers<'a>(Vec<(&'a str, usize)>);

impl<'a> Numbers<'a> {
    fn read(text: &'a str) -> Result<Self, String> {
        let number = |pair: &'a str| {
            let (key, value) = pair.split_once('=')?;
            Some((key, value.parse().ok().filter(|number| *number > 0)?))
        };
        let read = |pair| number(pair).ok_or(format!("`{pair}`: expected key=number, with a number of at least 1"));
        text.split(',').map(read).collect::<Result<_, _>>().map(Self)
    }

    fn take(&mut self, key: &str) -> Result<usize, String> {
        let at = self.0.iter().position(|(given, _)| *given == key).ok_or(format!("`{key}` is missing"))?;
        Ok(self.0.remove(at).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_a_task() {
        let lines = NAMED.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        assert_eq!(Task::all().len(), lines);
    }

    #[test]
    fn a_task_is_the_same_by_name_and_by_what_it_is_made_of() {
        let named: Task = "glow-16".parse().expect("it has a name");
        assert_eq!(named.kind, Kind::Glow { size: 16, scales: 2 });
        // In any order.
        let made: Task =
            "glow:size=16,scales=2,batch=32,hidden=64,layers=4,features=3".parse().expect("it is complete");
        assert_eq!(named, Task { name: named.name.clone(), ..made });
    }

    #[test]
    fn what_cannot_be_a_task_is_an_error_that_says_why() {
        for (text, why) in [
            ("maf-44", "no such task; there are coupling-2, coupling-6"),
            ("flow:features=6", "`flow` is no kind"),
            ("maf:features=6,layers=8,hidden=128", "`batch` is missing"),
            ("maf:features=6,layers=8,hidden=128,batch=0", "`batch=0`: expected key=number"),
            ("maf:features=6,layers=8,hidden=128,batch=64,bins=8", "`bins` is not for maf"),
            ("maf:features=6,layers=8,hidden=128,batch=64,batch=32", "`batch` is not for maf, or is given twice"),
        ] {
            let message = text.parse::<Task>().expect_err(text);
            assert!(message.starts_with(why), "{text}: {message}");
        }
    }
}
