//! More cases, run through the real library, are in `functions/tests/cases.txt`.

use super::Constraint;
use super::Version;
use super::is_compatible;
use super::is_valid;

#[test]
fn versions_are_ordered_by_precedence() {
    // The example of https://semver.org#spec-item-11.
    let ordered = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
    ];
    for pair in ordered.windows(2) {
        let [left, right] = pair else { continue };
        let (left, right) = (Version::parse(left).unwrap(), Version::parse(right).unwrap());
        assert!(left.compare(&right).is_lt(), "{left} < {right}");
        assert!(right.compare(&left).is_gt(), "{right} > {left}");
    }
}

#[test]
fn metadata_does_not_count() {
    let (left, right) = (Version::parse("1.0.0+a").unwrap(), Version::parse("1.0.0+b").unwrap());
    assert!(left.compare(&right).is_eq());
}

#[test]
fn a_chart_version_may_be_short_but_not_wrong() {
    for version in ["1", "v1.2", "1.2.3-rc.1+build.5", "01.2.3"] {
        assert!(is_valid(version), "{version}");
    }
    for version in ["", "a", "1.2.3.4", "1.2.3-", "1.2.3-01", " 1", "1.2.3\n", &"1".repeat(300)] {
        assert!(!is_valid(version), "{version}");
    }
}

#[test]
fn a_wrong_constraint_is_compatible_with_nothing() {
    assert!(is_compatible(">=1.20-0", "v1.31.2-gke.100"));
    assert!(!is_compatible(">=1.20", "v1.31.2-gke.100"));
    assert!(!is_compatible("latest", "1.0.0"));
    assert!(!is_compatible("*", "latest"));
}

#[test]
fn long_constraints_are_refused() {
    assert!(Constraint::parse(&">=1.0.0 ".repeat(100)).is_err());
    assert!(Constraint::parse(&["1"; 33].join("||")).is_err());
    assert!(Constraint::parse(&["1"; 32].join("||")).is_ok());
}
