//! Rows of data, and mini-batches of them.

use std::sync::Arc;

use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::seq::SliceRandom;

use crate::Context;
use crate::generator::generator;

/// Rows of data with the context of each.
#[derive(Debug, Clone)]
pub struct Rows<const D: usize, C = ()> {
    /// The data, `[rows, ...event]`.
    pub x: Tensor<D>,
    /// The context, one row a row of the data.
    pub context: C,
}

impl<const D: usize> Rows<D> {
    /// Rows without a context.
    pub fn new(x: &Tensor<D>) -> Self {
        Self { x: x.clone(), context: () }
    }
}

impl<const D: usize, C: Context> Rows<D, C> {
    /// Rows with a context.
    pub fn given(x: &Tensor<D>, context: &C) -> Self {
        Self { x: x.clone(), context: context.clone() }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.x.dims()[0]
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows one after the other, without a copy of `x`.
    pub(super) fn range(&self, start: usize, length: usize) -> Self {
        let indices = Tensor::<1, Int>::arange(start as i64..(start + length) as i64, &self.x.device());
        Self { x: self.x.clone().narrow(0, start, length), context: self.context.select_rows(&indices) }
    }

    pub(super) fn select(&self, indices: &[usize]) -> Self {
        let indices: Vec<i64> = indices.iter().map(|&i| i as i64).collect();
        let shape = [indices.len()];
        let indices = Tensor::<1, Int>::from_data(TensorData::new(indices, shape), &self.x.device());
        Self { x: self.x.clone().select(0, indices.clone()), context: self.context.select_rows(&indices) }
    }

    pub(super) fn on(&self, device: &Device) -> Self {
        Self { x: self.x.clone().without_autodiff().to_device(device), context: self.context.on(device) }
    }
}

/// Batches of an order; where fewer than `least` rows are left over, the last batch takes them too.
pub(super) fn batches(order: &[usize], size: usize, least: usize) -> Vec<&[usize]> {
    let count = batch_count(order.len(), size, least);
    (0..count).map(|k| &order[k * size..if k + 1 == count { order.len() } else { (k + 1) * size }]).collect()
}

/// The number of [`batches`] of `n` rows.
pub(super) fn batch_count(n: usize, size: usize, least: usize) -> usize {
    let (whole, left) = (n / size, n % size);
    if whole > 0 && left < least.min(size) { whole } else { n.div_ceil(size) }
}

/// A random order of `0..n`, the same for the same seed and stream.
pub(super) fn shuffled(n: usize, seed: u64, stream: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(&mut generator(seed, stream));
    order
}

/// A mini-batch: what burn's `Learner` passes to a training step.
pub type Batch<const D: usize, C = ()> = Rows<D, C>;

/// A burn data loader that cuts mini-batches out of one tensor, without a copy an item.
///
/// A single row left over at the end goes with the batch before it: of one row there is no variance to normalise by.
///
/// # Example
/// ```
/// use burn::data::dataloader::DataLoader;
/// use burn::tensor::{Device, Tensor};
/// use flows_core::train::{BatchLoader, Rows};
///
/// let rows = Rows::new(&Tensor::<2>::zeros([10, 2], &Device::default()));
/// let loader = BatchLoader::new(rows, 4).shuffled(7);
/// let sizes: Vec<usize> = loader.iter().map(|batch| batch.unwrap().len()).collect();
/// assert_eq!(sizes, [4, 4, 2]);
/// ```
#[derive(Debug)]
pub struct BatchLoader<const D: usize, C = ()> {
    rows: Rows<D, C>,
    batch_size: usize,
    seed: Option<u64>,
    passes: std::sync::atomic::AtomicU64,
}

impl<const D: usize, C: Context> BatchLoader<D, C> {
    /// Batches in the order of the rows.
    ///
    /// # Panics
    /// If the batch size is zero.
    pub fn new(rows: Rows<D, C>, batch_size: usize) -> Self {
        assert!(batch_size > 0, "`batch_size`: expected at least 1, got 0");
        Self { rows, batch_size, seed: None, passes: Default::default() }
    }

    /// Batches in a new random order at every pass.
    pub fn shuffled(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    fn over(&self, rows: Rows<D, C>) -> Arc<dyn DataLoader<Batch<D, C>>>
    where
        C: Sync + 'static,
    {
        Arc::new(Self { rows, batch_size: self.batch_size, seed: self.seed, passes: Default::default() })
    }
}

impl<const D: usize, C: Context + Sync + 'static> DataLoader<Batch<D, C>> for BatchLoader<D, C> {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Batch<D, C>> + 'a> {
        let order = match self.seed {
            Some(seed) => {
                let pass = self.passes.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                shuffled(self.rows.len(), seed, pass)
            }
            None => (0..self.rows.len()).collect(),
        };
        Box::new(BatchIterator { loader: self, order, at: 0 })
    }

    fn num_items(&self) -> usize {
        self.rows.len()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Batch<D, C>>> {
        self.over(Rows { x: self.rows.x.clone().to_device(device), context: self.rows.context.on(device) })
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Batch<D, C>>> {
        self.over(self.rows.select(&(start..end).collect::<Vec<_>>()))
    }
}

struct BatchIterator<'a, const D: usize, C> {
    loader: &'a BatchLoader<D, C>,
    order: Vec<usize>,
    at: usize,
}

impl<const D: usize, C: Context> Iterator for BatchIterator<'_, D, C> {
    type Item = Result<Batch<D, C>, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let size = self.loader.batch_size;
        let end = (self.at + size).min(self.order.len());
        // A single row left over goes with the batch before it, as in `fit`.
        let end = if self.at < end && size > 1 && end + 1 == self.order.len() { end + 1 } else { end };
        let indices = self.order.get(self.at..end).filter(|indices| !indices.is_empty())?;
        self.at = end;
        Some(Ok(self.loader.rows.select(indices)))
    }
}

impl<const D: usize, C: Context> DataLoaderIterator<Batch<D, C>> for BatchIterator<'_, D, C> {
    fn progress(&self) -> Progress {
        Progress::new(self.at, self.order.len(), Some("rows".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_left_over_goes_with_the_batch_before_it() {
        let sizes = |n: usize, size: usize, least: usize| -> Vec<usize> {
            let order: Vec<usize> = (0..n).collect();
            let batches = batches(&order, size, least);
            assert_eq!(batches.concat(), order);
            batches.iter().map(|batch| batch.len()).collect()
        };
        assert_eq!(sizes(257, 256, 2), [257]);
        assert_eq!(sizes(513, 256, 2), [256, 257]);
        assert_eq!(sizes(258, 256, 2), [256, 2]);
        assert_eq!(sizes(512, 256, 2), [256, 256]);
        assert_eq!(sizes(1, 256, 2), [1]);
        assert_eq!(sizes(3, 1, 2), [1, 1, 1]);
        assert_eq!(sizes(259, 256, 4), [259]);
        let rows = Rows::new(&Tensor::<2>::zeros([9, 1], &Device::default()));
        let loader = BatchLoader::new(rows, 4);
        assert_eq!(loader.iter().map(|batch| batch.unwrap().len()).collect::<Vec<_>>(), [4, 5]);
    }

    #[test]
    fn every_pass_has_every_row_once_in_an_order_of_its_own() {
        let x = Tensor::<1, Int>::arange(0..100, &Device::default()).float().reshape([100, 1]);
        let loader = BatchLoader::new(Rows::new(&x), 32).shuffled(3);
        let pass = || -> Vec<i32> {
            loader.iter().flat_map(|batch| batch.unwrap().x.try_into_vec_as::<i32>().unwrap()).collect()
        };
        let (first, second) = (pass(), pass());
        assert_ne!(first, second);
        let sorted = |mut v: Vec<i32>| {
            v.sort_unstable();
            v
        };
        assert_eq!(sorted(first), (0..100).collect::<Vec<_>>());
        assert_eq!(sorted(second), (0..100).collect::<Vec<_>>());
    }
}
