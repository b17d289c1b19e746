//! All results are those of Go's `strconv`.

use super::NumberError;
use super::format_float;
use super::format_float_32;
use super::format_float_plain;
use super::parse_float;
use super::parse_int;
use super::parse_uint;

#[test]
fn floats_are_printed_as_in_go() {
    for (value, general, plain) in [
        (0.0, "0", "0"),
        (-0.0, "-0", "-0"),
        (1.0, "1", "1"),
        (100_000.0, "100000", "100000"),
        (1_000_000.0, "1e+06", "1000000"),
        (1_234_567.5, "1.2345675e+06", "1234567.5"),
        (0.000_1, "0.0001", "0.0001"),
        (0.000_01, "1e-05", "0.00001"),
        (1.5e-7, "1.5e-07", "0.00000015"),
        (1e20, "1e+20", "100000000000000000000"),
        (1e100, "1e+100", &format!("1{}", "0".repeat(100))),
        (f64::INFINITY, "+Inf", "+Inf"),
        (f64::NEG_INFINITY, "-Inf", "-Inf"),
        (f64::NAN, "NaN", "NaN"),
    ] {
        assert_eq!(format_float(value), general);
        assert_eq!(format_float_plain(value), plain);
    }
    assert_eq!(format_float_32(0.1), "0.1");
    assert_eq!(format_float_32(16_777_217.0), "1.6777216e+07");
}

#[test]
fn integers_are_read_as_in_go() {
    for (text, expected) in [
        ("0", Ok(0)),
        ("-0", Ok(0)),
        ("+7", Ok(7)),
        ("017", Ok(15)),
        ("0o17", Ok(15)),
        ("0O17", Ok(15)),
        ("0x_1F", Ok(31)),
        ("0b1_01", Ok(5)),
        ("1_000", Ok(1000)),
        ("0_7", Ok(7)),
        ("-0x8000000000000000", Ok(i64::MIN)),
        ("9223372036854775807", Ok(i64::MAX)),
        ("9223372036854775808", Err(NumberError::Range)),
        ("-9223372036854775809", Err(NumberError::Range)),
        ("", Err(NumberError::Syntax)),
        ("-", Err(NumberError::Syntax)),
        ("+-1", Err(NumberError::Syntax)),
        ("08", Err(NumberError::Syntax)),
        ("0x", Err(NumberError::Syntax)),
        ("0b2", Err(NumberError::Syntax)),
        ("_1", Err(NumberError::Syntax)),
        ("1_", Err(NumberError::Syntax)),
        ("1__0", Err(NumberError::Syntax)),
        ("0x1_", Err(NumberError::Syntax)),
        (" 1", Err(NumberError::Syntax)),
        ("1.0", Err(NumberError::Syntax)),
        ("٣", Err(NumberError::Syntax)),
    ] {
        assert_eq!(parse_int(text, 0), expected, "{text}");
    }
    assert_eq!(parse_int("017", 10), Ok(17));
    assert_eq!(parse_int("1_0", 10), Err(NumberError::Syntax));
    assert_eq!(parse_int("777", 8), Ok(511));
    assert_eq!(parse_uint("18446744073709551615", 0), Ok(u64::MAX));
    assert_eq!(parse_uint("+1", 0), Err(NumberError::Syntax));
}

#[test]
fn floats_are_read_as_in_go() {
    for (text, expected) in [
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("+1e3", 1000.0),
        ("-1E-2", -0.01),
        ("0x1p-2", 0.25),
        ("0x1.8p1", 3.0),
        ("-0X.8p0", -0.5),
        ("0x123456789abcdef01p0", 20_988_295_479_420_645_000.0),
        ("0x1p-1074", 5e-324),
        ("1_0.5", 10.5),
        ("Infinity", f64::INFINITY),
        ("-iNf", f64::NEG_INFINITY),
    ] {
        assert_eq!(parse_float(text), Ok(expected), "{text}");
    }
    assert!(parse_float("nan").unwrap().is_nan());
    for text in ["", ".", "e1", "1e", "1.2.3", "0x1", "0xp1", "-nan", "infi", "1_.0", "1 ", "--1"] {
        assert_eq!(parse_float(text), Err(NumberError::Syntax), "{text}");
    }
    for text in ["1e309", "-1e400", "0x1p1024"] {
        assert_eq!(parse_float(text), Err(NumberError::Range), "{text}");
    }
}
