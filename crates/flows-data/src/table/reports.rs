//! Tables that people have reported as read wrongly, each in a few lines.

use super::{CsvOptions, Header, Missing, Notice, Table, TableError};
use crate::DataError;

fn read_with(text: impl AsRef<[u8]>, options: &CsvOptions) -> Result<Table, TableError> {
    Table::from_csv(text.as_ref(), "t.csv", options).map_err(|error| match error {
        DataError::Table(error) => error,
        other => panic!("an error of another kind: {other}"),
    })
}

fn read(text: impl AsRef<[u8]>) -> Table {
    read_with(text, &CsvOptions::new()).expect("a good file")
}

fn refused(text: &str) -> String {
    read_with(text, &CsvOptions::new()).expect_err("a bad file").to_string()
}

const PLAIN: [f64; 4] = [1.5, 0.25, -2.5, 3.75];

#[test]
fn a_header_of_numbers_is_no_row() {
    let table = read("0,1\n1.5,0.25\n-2.5,3.75\n");
    assert_eq!((table.rows(), table.values()), (2, &PLAIN[..]));
    assert!(matches!(table.notices(), [Notice::HeaderOfNumbers { .. }]));
    let declared = read_with("0,1\n1.5,0.25\n", &CsvOptions::new().with_header(Header::Absent)).expect("two rows");
    assert_eq!((declared.rows(), declared.notices()), (2, &[][..]));
}

#[test]
fn a_nameless_index_is_left_out_with_a_notice_unless_it_is_asked_for() {
    for first in ["", "Unnamed: 0"] {
        for rows in [["0", "1"], ["1", "2"], ["907", "3"]] {
            let text = format!("{first},a,b\n{},1.5,0.25\n{},-2.5,3.75\n", rows[0], rows[1]);
            let table = read(&text);
            assert_eq!((table.names(), table.values()), (&["a".to_owned(), "b".to_owned()][..], &PLAIN[..]), "{text}");
            assert!(matches!(table.notices(), [Notice::Index { .. }]), "{text}");
        }
    }
    let asked = CsvOptions::new().with_columns(["Unnamed: 0", "a"]);
    assert_eq!(read_with("Unnamed: 0,a\n0,1.5\n1,2.5\n", &asked).expect("both").columns(), 2);
    // No index: numbers come twice, or are fractions.
    assert_eq!(read(",a\n4,1.5\n4,2.5\n").names(), ["column_1", "a"]);
    assert_eq!(read("id,a\n0,1.5\n1,2.5\n").names(), ["id", "a"]);
}

#[test]
fn rows_with_names_as_r_writes_them_have_one_cell_more_than_the_header() {
    for rows in [["1", "2"], ["Mazda RX4", "Datsun 710"]] {
        let table = read(format!("\"a\",\"b\"\n\"{}\",1.5,0.25\n\"{}\",-2.5,3.75\n", rows[0], rows[1]));
        assert_eq!((table.names().len(), table.values()), (2, &PLAIN[..]));
        assert!(matches!(table.notices(), [Notice::Index { column: None }]));
    }
    let spaced = read("\"a\" \"b\"\n\"1\" 1.5 0.25\n\"2\" -2.5 3.75\n");
    assert_eq!(spaced.values(), PLAIN);
}

#[test]
fn separators_and_decimal_commas_are_found_and_noticed() {
    for text in [
        "a;b\n1.5;0.25\n-2.5;3.75\n",
        "a;b\n1,5;0,25\n-2,5;3,75\n",
        "a\tb\n1.5\t0.25\n-2.5\t3.75\n",
        "a b\n1.5  0.25\n-2.5 3.75\n",
        "sep=;\na;b\n1,5;0,25\n-2,5;3,75\n",
        "a,b\n\"1,5\",\"0,25\"\n\"-2,5\",\"3,75\"\n",
    ] {
        let table = read(text);
        assert_eq!((table.names(), table.values()), (&["a".to_owned(), "b".to_owned()][..], &PLAIN[..]), "{text}");
    }
    assert_eq!(read("a;b\n1,5;2\n3;4\n").notices(), [Notice::Delimiter { delimiter: ';' }, Notice::DecimalComma]);
    let said = CsvOptions::new().with_delimiter(b';').with_decimal(b',');
    let table = read_with("a;b\n1,234;2\n", &said).expect("declared");
    assert_eq!((table.values(), table.notices()), (&[1.234, 2.0][..], &[][..]));
    assert!(refused("a;b\n1,234;2\n").contains("--decimal"));
}

#[test]
fn separated_thousands_and_typeset_minus_signs_are_numbers() {
    let table = read("age,income\n40.5,\"1,234.50\"\n41.5,548.25\n42.0,\"1,234,567.00\"\n");
    assert_eq!(table.values(), [40.5, 1234.5, 41.5, 548.25, 42.0, 1_234_567.0]);
    assert_eq!(table.notices(), [Notice::Thousands { columns: vec!["income".into()] }]);
    assert_eq!(read("a,t\n1.5,\u{2212}0.25\n2.5,1\n").values(), [1.5, -0.25, 2.5, 1.0]);
    assert_eq!(read("a;b\n1.234,5;2\n7,25;3\n").values(), [1234.5, 2.0, 7.25, 3.0]);
}

#[test]
fn a_column_is_never_left_out_without_a_word() {
    let table = read("price,city,note,x\n$5,Oslo,,1.5\n$7,Lima,,2.5\n");
    assert_eq!(table.names(), ["x"]);
    let text = |column: &str, text: &str| Notice::Text { column: column.into(), line: 2, text: text.into() };
    let empty = Notice::NoValues { columns: vec!["note".into()] };
    assert_eq!(table.notices(), [text("price", "$5"), text("city", "Oslo"), empty]);
    let chosen = read_with("a,b,c\n1,2,3\n", &CsvOptions::new().without_columns(["b"])).expect("two are left");
    assert_eq!((chosen.columns(), chosen.notices()), (2, &[Notice::NotAskedFor { columns: vec!["b".into()] }][..]));
}

#[test]
fn other_encodings_comments_and_line_ends_do_not_matter() {
    let plain = "ä,b\r\n1.5,0.25\r\n-2.5,3.75\r\n";
    let marked = std::iter::once(0xfeff).chain(plain.encode_utf16()).flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let latin: Vec<u8> = plain.chars().map(|c| c as u8).collect();
    let commented = "# made by hand\n# \"twice\nä,b\n1.5,0.25\n# in between\n-2.5,3.75\n".as_bytes().to_vec();
    for bytes in [plain.as_bytes().to_vec(), marked, latin, commented] {
        let table = read(&bytes);
        assert_eq!((table.names()[0].as_str(), table.values()), ("ä", &PLAIN[..]));
    }
}

#[test]
fn a_line_end_in_a_quoted_name_or_cell_is_no_new_row() {
    let table = read("\"a\n(mm)\",b,note\n1.5,0.25,\"two\nlines\"\n-2.5,3.75,x\n");
    assert_eq!((table.names()[0].as_str(), table.values()), ("a\n(mm)", &PLAIN[..]));
}

#[test]
fn cells_that_miss_a_value_are_an_error_unless_their_rows_are_dropped_or_kept() {
    let text = "a,b\n1,2\n3,NA\n,6\n7,-9999\n9,nan\n11,inf\n13,14\n";
    assert!(refused(text).contains("column `a`: the cell is empty"), "{}", refused(text));
    let drop = CsvOptions::new().with_missing(Missing::Drop).with_missing_values([-9999.0]);
    let table = read_with(text, &drop).expect("two rows are whole");
    assert_eq!(table.values(), [1.0, 2.0, 13.0, 14.0]);
    assert_eq!(table.notices(), [Notice::RowsDropped { rows: 5, of: 7 }]);
    let kept = read_with(text, &CsvOptions::new().with_missing(Missing::Keep)).expect("every row");
    assert!(kept.rows() == 7 && kept.row(1)[1].is_nan() && kept.row(5)[1] == f64::INFINITY);
}

#[test]
fn columns_are_matched_by_name_and_never_by_place_where_there_are_names() {
    let like = CsvOptions::new().with_columns_like(["x", "y"]);
    assert_eq!(read_with("y,id,x\n1,7,2\n", &like).expect("both are there").values(), [2.0, 1.0]);
    let message = read_with("x,z\n1,2\n", &like).expect_err("no `y`").to_string();
    assert_eq!(message, "t.csv: no column `y`; the columns should be `x`, `y`, and they are `x`, `z`");
    let message = read_with("id,x,y\n1,2,\n2,3,\n", &like).expect_err("nothing in `y`").to_string();
    assert!(message.contains("column `y`: the cell is empty (2 such cells"), "{message}");
    let unnamed = read_with("1.5,2\n", &like).expect("two columns");
    assert!(unnamed.values() == [1.5, 2.0] && unnamed.notices().iter().any(|n| matches!(n, Notice::ByPlace { .. })));
    assert!(read_with("1.5,2,3\n", &like).is_err());
}

#[test]
fn files_of_other_formats_say_what_to_do() {
    assert!(refused("PK\u{3}\u{4}rest").contains("hint: np.save one array"));
    assert!(refused("a,b\n1,2\n3\n").contains("line 3: 1 cells where there are 2 columns; hint: `--delimiter`"));
}
