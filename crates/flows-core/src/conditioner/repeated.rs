//! Rows of conditions that come many times in a row.

use burn::tensor::{Int, Tensor};

use crate::is_host;

/// A context of which a row often is the one before it again: of one row of conditions with many points or samples each.
pub(super) struct Repeated {
    /// The rows that differ from the one before, `[distinct, width]`.
    pub(super) rows: Tensor<2>,
    /// For each row of the context, which of them it is, `[rows]`.
    pub(super) of_each: Tensor<1, Int>,
}

impl Repeated {
    /// Those of a context in the memory of the host, outside of autodiff; `None` where a network would have to see more than half of
    /// the rows anyway.
    pub(super) fn of(context: &Tensor<2>) -> Option<Self> {
        let ([rows, width], device) = (context.dims(), context.device());
        if rows < 2 || width == 0 || context.is_autodiff() || !is_host(&device) {
            return None;
        }
        let differs = |context: Tensor<2>| -> Vec<bool> {
            let (data, rows) = (context.to_data(), context.dims()[0]);
            let bytes: Vec<&[u8]> = data.as_bytes().chunks_exact(data.as_bytes().len() / rows).collect();
            bytes.windows(2).map(|pair| pair[0] != pair[1]).collect()
        };
        // Contexts that do not repeat are not read further.
        if differs(context.clone().narrow(0, 0, 2))[0] {
            return None;
        }
        let (mut firsts, mut of_each) = (vec![0i64], vec![0i64]);
        for (row, differs) in differs(context.clone()).into_iter().enumerate() {
            if differs {
                firsts.push(row as i64 + 1);
            }
            of_each.push(firsts.len() as i64 - 1);
        }
        let indices = |rows: &[i64]| Tensor::<1, Int>::from_data(rows, &device);
        (2 * firsts.len() <= rows)
            .then(|| Self { rows: context.clone().select(0, indices(&firsts)), of_each: indices(&of_each) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn repeated_rows_are_found_and_others_left_alone() {
        let device = Device::default();
        let context = Tensor::<2>::from_data([[1.0], [1.0], [1.0], [2.0], [2.0], [1.0], [1.0]], &device);
        let found = Repeated::of(&context).map(|found| {
            assert_eq!(found.rows.to_data(), [[1.0f32], [2.0], [1.0]].into());
            found.rows.select(0, found.of_each).to_data()
        });
        assert!(found.is_none_or(|again| again == context.to_data()));
        assert_eq!(is_host(&device), Repeated::of(&context).is_some());
        for others in
            [Tensor::<2>::from_data([[1.0], [1.0], [2.0]], &device), Tensor::from_data([[1.0], [2.0]], &device)]
        {
            assert!(Repeated::of(&others).is_none());
        }
        assert!(Repeated::of(&context.autodiff()).is_none());
    }
}
