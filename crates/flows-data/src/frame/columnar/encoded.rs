//! Arrays whose rows point to values: dictionaries and runs.

use arrow_array::{
    Array, ArrayRef,
    cast::AsArray,
    types::{Int16Type, Int32Type, Int64Type, RunEndIndexType},
};

/// The values of an array and, where its rows only point to them, the place of each row's value; `None` is a missing one.
///
/// The values of a dictionary are not copied to its rows: a text of a megabyte in a million rows takes a megabyte.
pub(super) fn unpacked(array: &ArrayRef) -> (ArrayRef, Option<Vec<Option<usize>>>) {
    let Some((mut values, mut places)) = once(array) else { return (array.clone(), None) };
    while let Some((inner, of_inner)) = once(&values) {
        places.iter_mut().for_each(|place| *place = place.and_then(|place| of_inner[place]));
        values = inner;
    }
    (values, Some(places))
}

fn once(array: &ArrayRef) -> Option<(ArrayRef, Vec<Option<usize>>)> {
    if let Some(dictionary) = array.as_any_dictionary_opt() {
        let keys = dictionary.keys();
        // Without values every key is missing, and there is nothing that they could be normalised to.
        let places = match dictionary.values().is_empty() {
            true => vec![None; keys.len()],
            false => {
                let places = dictionary.normalized_keys().into_iter().enumerate();
                places.map(|(row, place)| keys.is_valid(row).then_some(place)).collect()
            }
        };
        return Some((dictionary.values().clone(), places));
    }
    runs::<Int16Type>(array).or_else(|| runs::<Int32Type>(array)).or_else(|| runs::<Int64Type>(array))
}

fn runs<E: RunEndIndexType>(array: &ArrayRef) -> Option<(ArrayRef, Vec<Option<usize>>)> {
    let runs = array.as_run_opt::<E>()?;
    let places = (0..runs.len()).map(|row| Some(runs.get_physical_index(row))).collect();
    Some((runs.values().clone(), places))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{DictionaryArray, Int32Array, RunArray, StringArray};

    use super::*;

    #[test]
    fn rows_of_dictionaries_and_runs_know_the_place_of_their_value() {
        let words: DictionaryArray<Int32Type> = [Some("a"), None, Some("b"), Some("a")].into_iter().collect();
        let (values, places) = unpacked(&(Arc::new(words) as ArrayRef));
        assert_eq!((values.len(), places), (2, Some(vec![Some(0), None, Some(1), Some(0)])));
        let ends = Int32Array::from(vec![1, 4]);
        let runs = RunArray::try_new(&ends, &StringArray::from(vec!["x", "y"])).expect("good runs");
        let (values, places) = unpacked(&(Arc::new(runs.slice(1, 3)) as ArrayRef));
        assert_eq!((values.len(), places), (2, Some(vec![Some(1); 3])));
        let plain: ArrayRef = Arc::new(Int32Array::from(vec![1]));
        assert_eq!(unpacked(&plain).1, None);
    }

    #[test]
    fn a_dictionary_without_values_has_missing_rows() {
        let empty: DictionaryArray<Int32Type> = [None::<&str>, None].into_iter().collect();
        assert_eq!(unpacked(&(Arc::new(empty) as ArrayRef)).1, Some(vec![None, None]));
    }
}
