use super::*;
use crate::helm::value::Entries;
use crate::helm::value::ListKind;

fn text(bytes: Result<Vec<u8>, FunctionError>) -> String {
    String::from_utf8(bytes.unwrap()).unwrap()
}

#[test]
fn sprint_puts_spaces_between_what_is_no_string() {
    let string = || Value::string("s");
    let number = || Value::int(1);
    assert_eq!(text(sprint(&[])), "");
    assert_eq!(text(sprint(&[number(), number()])), "1 1");
    assert_eq!(text(sprint(&[string(), string()])), "ss");
    assert_eq!(text(sprint(&[number(), string(), number(), number()])), "1s1 1");
    assert_eq!(text(sprint(&[Value::Nil, Value::Nil, string()])), "<nil> <nil>s");
    assert_eq!(text(sprintln(&[string(), number(), Value::Nil])), "s 1 <nil>\n");
    assert_eq!(text(sprintln(&[])), "\n");
}

#[test]
fn strings_that_are_no_utf_8_are_printed_byte_for_byte() {
    let value = Value::string(&b"\xff\xfe"[..]);
    assert_eq!(sprint(std::slice::from_ref(&value)).unwrap(), b"\xff\xfe");
    assert_eq!(sprintf(b"\xfd%s", &[value]).unwrap(), b"\xfd\xff\xfe");
}

/// Of each: the number, and what Go's `FormatFloat` makes of it with `g`, `e`
/// and `f` without a precision, and with `g` and a precision of 3.
const FLOATS: &[(f64, &str, &str, &str, &str)] = &[
    (0.0, "0", "0e+00", "0", "0"),
    (-0.0, "-0", "-0e+00", "-0", "-0"),
    (1.0, "1", "1e+00", "1", "1"),
    (100_000.0, "100000", "1e+05", "100000", "1e+05"),
    (999_999.0, "999999", "9.99999e+05", "999999", "1e+06"),
    (1_000_000.0, "1e+06", "1e+06", "1000000", "1e+06"),
    (1_234_567.0, "1.234567e+06", "1.234567e+06", "1234567", "1.23e+06"),
    (0.0001, "0.0001", "1e-04", "0.0001", "0.0001"),
    (0.000_01, "1e-05", "1e-05", "0.00001", "1e-05"),
    (120.0, "120", "1.2e+02", "120", "120"),
    (1e23, "1e+23", "1e+23", "100000000000000000000000", "1e+23"),
    (
        6_778_195_552_463_882.0 / 8.0,
        "8.472744440579852e+14",
        "8.472744440579852e+14",
        "847274444057985.2",
        "8.47e+14",
    ),
    (5e-324, "5e-324", "5e-324", "", "4.94e-324"),
    (f64::INFINITY, "+Inf", "+Inf", "+Inf", "+Inf"),
    (f64::NEG_INFINITY, "-Inf", "-Inf", "-Inf", "-Inf"),
    (f64::NAN, "NaN", "NaN", "NaN", "NaN"),
];

#[test]
fn floats_are_laid_out_as_in_go() {
    for &(value, general, scientific, fixed, three) in FLOATS {
        assert_eq!(format_float(value, 'g', None), general);
        assert_eq!(format_float(value, 'e', None), scientific);
        assert_eq!(format_float(value, 'G', Some(3)), three.replace('e', "E"));
        if !fixed.is_empty() {
            assert_eq!(format_float(value, 'f', None), fixed);
        }
    }
}

#[test]
fn what_was_quoted_can_be_unquoted() {
    for bytes in [&b""[..], b"plain", b"\"\\\x00\x7f\xff\n\t", "é\u{200b}\u{1f389}".as_bytes()] {
        for ascii_only in [false, true] {
            let literal = quote::quote_with(bytes, '"', ascii_only);
            assert_eq!(quote::unquote(literal.as_bytes()).as_deref(), Some(bytes), "{literal}");
            assert!(!ascii_only || literal.is_ascii());
        }
    }
}

#[test]
fn literals_are_read_as_in_go() {
    let read = |literal: &str| quote::unquote(literal.as_bytes());
    assert_eq!(read("`a\r\nb\\`"), Some(b"a\nb\\".to_vec()));
    assert_eq!(read(r#""\x41\101\u0041\'""#), None);
    assert_eq!(read(r#""\x41\101\u0041""#), Some(b"AAA".to_vec()));
    for wrong in ["", "\"", "\"a", "'a'", "\"a`", "\"\n\"", r#""\400""#, r#""\ud800""#, r#""\x4""#]
    {
        assert_eq!(read(wrong), None, "{wrong}");
    }
}

#[test]
fn backquotes_enclose_what_is_on_one_line() {
    assert!(quote::can_backquote("tab\té".as_bytes()));
    for wrong in [&b"`"[..], b"\n", b"\x7f", b"\xff", "\u{feff}".as_bytes()] {
        assert!(!quote::can_backquote(wrong), "{wrong:?}");
    }
}

#[test]
fn bytes_are_decoded_one_at_a_time_where_they_are_no_utf_8() {
    let invalid = (char::REPLACEMENT_CHARACTER, 1);
    assert_eq!(utf8::decode(b""), (char::REPLACEMENT_CHARACTER, 0));
    assert_eq!(utf8::decode("éa".as_bytes()), ('é', 2));
    for bytes in [&b"\xff"[..], b"\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80"]
    {
        assert_eq!(utf8::decode(bytes), invalid, "{bytes:?}");
    }
    assert_eq!(utf8::count(b"a\xff\xc3\xa9\xe2\x82"), 5);
}

#[test]
fn printable_characters_are_those_of_gos_unicode() {
    let printable = |characters: &str| characters.chars().all(unicode::is_print);
    assert!(printable(" ~é€\u{1f389}\u{fffd}"));
    for character in "\n\u{7f}\u{a0}\u{ad}\u{200b}\u{feff}\u{378}\u{e000}\u{10ffff}".chars() {
        assert!(!unicode::is_print(character), "{character:?}");
    }
    assert!("aZ9éß漢٣".chars().all(unicode::is_letter_or_digit));
    assert!("_ .\u{301}Ⅷ½".chars().all(|character| !unicode::is_letter_or_digit(character)));
}

#[test]
fn what_contains_itself_is_an_error() {
    let list = Value::list(Vec::new());
    if let Value::List(inner) = &list {
        inner.items.borrow_mut().push(list.clone());
    }
    let expected = FunctionError::nested_too_deeply();
    assert_eq!(sprint(std::slice::from_ref(&list)), Err(expected.clone()));
    let map = Value::map(Entries::from([("list".to_owned(), list)]));
    assert_eq!(sprintf(b"%d", &[map]), Err(expected));
}

#[test]
fn byte_slices_are_numbers_or_text() {
    let bytes = b"hi".map(|byte| Value::Int(crate::helm::value::IntKind::Uint8, byte.into()));
    let list = Value::typed_list(ListKind::Bytes, bytes.to_vec());
    assert_eq!(text(sprint(std::slice::from_ref(&list))), "[104 105]");
    assert_eq!(text(sprintf(b"%s %q", &[list.clone(), list])), "hi \"hi\"");
}
