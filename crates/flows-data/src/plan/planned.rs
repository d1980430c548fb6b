//! A plan and its columns.

use std::fmt;

use super::MissingRows;
use crate::columns::{Kind, Summary};

/// What a model makes of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// It is modelled, together with the others.
    Modelled,
    /// It is given.
    Condition,
    /// It is modelled, given the conditions.
    Target,
    /// It weighs the rows.
    Weight,
    /// It is left out, for a reason.
    LeftOut(String),
}

impl Role {
    /// Whether the column has a density in the model.
    pub fn is_modelled(&self) -> bool {
        matches!(self, Self::Modelled | Self::Target)
    }

    /// Whether the model looks at the column.
    pub fn is_used(&self) -> bool {
        !matches!(self, Self::LeftOut(_))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Modelled => write!(f, "modelled"),
            Self::Condition => write!(f, "given"),
            Self::Target => write!(f, "target"),
            Self::Weight => write!(f, "weight"),
            Self::LeftOut(_) => write!(f, "left out"),
        }
    }
}

/// What becomes of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Why it is taken for that.
    pub reason: String,
    /// What the model makes of it.
    pub role: Role,
    /// The flag that does otherwise.
    pub otherwise: Option<String>,
    /// Its figures.
    pub summary: Summary,
    /// What else there is to know, such as spikes, which make a density meaningless.
    pub remarks: Vec<String>,
}

/// What a model makes of each column of a table, made from a frame and what a user says. Shown, it is the table that
/// `flows peek` prints.
///
/// # Example
///
/// ```
/// use flows_data::{Frame, Kind, Plan, PlanOptions, ReadOptions, Role};
///
/// let csv = "species,sex,bill,mass\nAdelie,m,39.1,3750\nGentoo,f,46.1,4500\nAdelie,f,38.2,\nGentoo,m,47.3,5200\n";
/// let frame = Frame::from_text(csv.as_bytes(), "penguins.csv", &ReadOptions::new())?;
/// let plan = Plan::new(&frame, &PlanOptions::new().with_targets(["mass"]).with_given(["species", "bill"]))?;
/// assert_eq!(plan.column("mass").unwrap().role, Role::Target);
/// assert_eq!(plan.column("species").unwrap().kind, Kind::Category);
/// assert!(matches!(plan.column("sex").unwrap().role, Role::LeftOut(_)));
/// assert_eq!(plan.rows(&frame)?, [0, 1, 3]);
/// # Ok::<(), flows_data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The columns, in the order of the frame.
    pub columns: Vec<Planned>,
    /// The number of rows that the plan was made from.
    pub rows: usize,
    /// Of these, the rows that miss a cell of a column that is used.
    pub incomplete: usize,
    /// What becomes of those.
    pub missing: MissingRows,
}

impl Plan {
    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&Planned> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns that have a density in the model, in their order.
    pub fn modelled(&self) -> impl Iterator<Item = &Planned> {
        self.columns.iter().filter(|column| column.role.is_modelled())
    }

    /// The conditions, in their order.
    pub fn conditions(&self) -> impl Iterator<Item = &Planned> {
        self.columns.iter().filter(|column| column.role == Role::Condition)
    }

    /// The column of weights.
    pub fn weight(&self) -> Option<&Planned> {
        self.columns.iter().find(|column| column.role == Role::Weight)
    }

    /// The columns that the model does not look at.
    pub fn left_out(&self) -> impl Iterator<Item = &Planned> {
        self.columns.iter().filter(|column| !column.role.is_used())
    }
}
