//! Go's `unicode`: character classes by general category, and simple case
//! mappings of one character to one.
//!
//! Rust's `char::is_alphabetic` and `char::to_uppercase` are about derived
//! properties and full mappings, which differ: to Rust `Ⅷ` is alphabetic, and
//! the upper case of `ß` is two characters.

use std::sync::LazyLock;

use regex::Regex;

/// Makes the test for one general category.
fn category(name: &str) -> Option<Regex> {
    Regex::new(&format!("^\\p{{{name}}}$")).ok()
}

/// Says whether the character is in the category.
fn matches(category: &LazyLock<Option<Regex>>, character: char) -> bool {
    let mut buffer = [0; 4];
    let text = character.encode_utf8(&mut buffer);
    LazyLock::force(category).as_ref().is_some_and(|category| category.is_match(text))
}

/// Says whether the character is a letter (category L).
pub fn is_letter(character: char) -> bool {
    static LETTER: LazyLock<Option<Regex>> = LazyLock::new(|| category("L"));
    if character.is_ascii() {
        return character.is_ascii_alphabetic();
    }
    matches(&LETTER, character)
}

/// Says whether the character is a decimal digit (category Nd).
pub fn is_digit(character: char) -> bool {
    static DIGIT: LazyLock<Option<Regex>> = LazyLock::new(|| category("Nd"));
    if character.is_ascii() {
        return character.is_ascii_digit();
    }
    matches(&DIGIT, character)
}

/// Says whether the character is a number (category N).
pub fn is_number(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_digit() } else { character.is_numeric() }
}

/// Says whether the character is punctuation (category P).
pub fn is_punctuation(character: char) -> bool {
    static PUNCTUATION: LazyLock<Option<Regex>> = LazyLock::new(|| category("P"));
    matches(&PUNCTUATION, character)
}

/// Says whether the character is an upper case letter (category Lu).
pub fn is_upper(character: char) -> bool {
    static UPPER: LazyLock<Option<Regex>> = LazyLock::new(|| category("Lu"));
    if character.is_ascii() {
        return character.is_ascii_uppercase();
    }
    matches(&UPPER, character)
}

/// Says whether the character is a lower case letter (category Ll).
pub fn is_lower(character: char) -> bool {
    static LOWER: LazyLock<Option<Regex>> = LazyLock::new(|| category("Ll"));
    if character.is_ascii() {
        return character.is_ascii_lowercase();
    }
    matches(&LOWER, character)
}

/// Returns the one character that is its upper case, or the character itself.
pub fn to_upper(character: char) -> char {
    let mut mapped = character.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        _ => character,
    }
}

/// Returns the one character that is its title case, or the character itself.
pub fn to_title(character: char) -> char {
    match character {
        // The digraphs are the only letters whose title case is a third form.
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        // Georgian has capitals for whole words only.
        'ა'..='ჿ' => character,
        _ => to_upper(character),
    }
}

/// Returns the one character that is its lower case.
pub fn to_lower(character: char) -> char {
    // `İ` has a second, combining character in the full mapping.
    character.to_lowercase().next().unwrap_or(character)
}

/// Returns the text with one U+FFFD for every byte that is not part of a
/// character, as Go does whenever it goes through a string by characters.
pub fn replace_invalid(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}
