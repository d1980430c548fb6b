//! The columns of a file while its batches come in.

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema};

use super::super::{Frame, ReadOptions};
use super::arrays::Builder;
use crate::DataError;
use crate::table::{Notice, TableError, check_distinct};

/// The columns that are read of a file.
pub(super) struct Collected {
    /// In the order that is asked for, each with its place in the batches.
    builders: Vec<(usize, Builder)>,
    /// Their places in the file, in its order, which is that of the batches.
    pub(super) places: Vec<usize>,
    notices: Vec<Notice>,
    /// The rows so far.
    pub(super) rows: u64,
}

impl Collected {
    /// The columns of a schema that are asked for. Those of a type that no cell has are left out, which is noticed, and an
    /// error where nothing else is left.
    pub(super) fn new(file: &str, schema: &Schema, options: &ReadOptions) -> Result<Self, DataError> {
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        if names.is_empty() {
            return Err(TableError::Empty { file: file.to_owned() }.into());
        }
        let chosen = options.places(file, &names)?;
        let (mut notices, mut columns) = (vec![], vec![]);
        for place in chosen {
            match Builder::new(schema.field(place)) {
                Ok(builder) => columns.push((place, builder)),
                Err(kind) => notices.push(Notice::NoCells { column: names[place].clone(), kind }),
            }
        }
        if let ([], Some(Notice::NoCells { column, kind })) = (&columns[..], notices.first()) {
            let (column, kind) = (column.clone(), format!("it holds {kind}, and no other column is asked for"));
            let hint = "write it as text or as columns of numbers".to_owned();
            return Err(TableError::ColumnType { file: file.to_owned(), column, kind, hint }.into());
        }
        check_distinct(file, &columns.iter().map(|(place, _)| names[*place].clone()).collect::<Vec<_>>())?;
        let mut places: Vec<usize> = columns.iter().map(|(place, _)| *place).collect();
        places.sort_unstable();
        let at = |place: usize| places.partition_point(|other| *other < place);
        let builders = columns.into_iter().map(|(place, builder)| (at(place), builder)).collect();
        Ok(Self { builders, places, notices, rows: 0 })
    }

    /// Takes the rows of a batch, which has the columns at the [`places`](Self::places) alone.
    pub(super) fn push(&mut self, batch: &RecordBatch, options: &ReadOptions) -> Result<(), ArrowError> {
        for (at, builder) in &mut self.builders {
            builder.push(batch.column(*at), options)?;
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// The frame.
    pub(super) fn finish(self, file: &str) -> Result<Frame, DataError> {
        if self.rows == 0 {
            return Err(TableError::NoRows { file: file.to_owned() }.into());
        }
        let mut notices = self.notices;
        let columns = self.builders.into_iter().map(|(_, builder)| builder.finish(&mut notices)).collect();
        Ok(Frame::checked(file, columns, notices)?)
    }
}
