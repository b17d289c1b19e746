//! The order in which go-yaml writes the keys of a map.

use std::cmp::Ordering;

use crate::helm::unicode;

/// Names the go-yaml whose order is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// go-yaml v2, which `toYaml` uses.
    V2,
    /// go-yaml v3, which `toYamlPretty` uses.
    V3,
}

/// Compares two keys: letters after everything else, and digits by the number
/// that they make (`a2` before `a10`).
pub(super) fn compare(left: &str, right: &str, dialect: Dialect) -> Ordering {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let common = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let (Some(a), Some(b)) = (left.get(common).copied(), right.get(common).copied()) else {
        return left.len().cmp(&right.len());
    };
    // To v3 a letter that follows a digit comes first.
    let after_digit = dialect == Dialect::V3
        && common
            .checked_sub(1)
            .and_then(|last| left.get(last))
            .is_some_and(|last| unicode::is_digit(*last));
    match (unicode::is_letter(a), unicode::is_letter(b)) {
        (true, true) => return a.cmp(&b),
        (true, false) if after_digit => return Ordering::Less,
        (false, true) if after_digit => return Ordering::Greater,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // Leading zeros do not count, unless a digit stands before them.
    let mut start = 0;
    if a == '0' || b == '0' {
        let shared = left.get(..common).unwrap_or_default();
        start = i64::from(
            shared
                .iter()
                .rev()
                .take_while(|character| unicode::is_digit(**character))
                .any(|character| *character != '0'),
        );
    }
    let (left_number, left_end) = number(&left, common, start);
    let (right_number, right_end) = number(&right, common, start);
    left_number.cmp(&right_number).then(left_end.cmp(&right_end)).then(a.cmp(&b))
}

/// Returns the number that begins at the place, and where it ends.
fn number(characters: &[char], begin: usize, start: i64) -> (i64, usize) {
    let mut value = start;
    let mut end = begin;
    while let Some(character) = characters.get(end).copied().filter(|c| unicode::is_digit(*c)) {
        // Other scripts' digits are far from '0', and long numbers wrap, as in Go.
        let digit = i64::from(u32::from(character)) - i64::from(u32::from('0'));
        value = value.wrapping_mul(10).wrapping_add(digit);
        end += 1;
    }
    (value, end)
}
