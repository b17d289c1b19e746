//! How `xstrings` finds the words of a name.

use crate::helm::unicode;

/// Says whether the character connects two words.
fn is_connector(character: char) -> bool {
    matches!(character, '-' | '_') || character.is_whitespace()
}

/// Returns the name with a capital at every word and no connectors: `FooBar`.
///
/// Connectors at the beginning stay, and of several between two words all but
/// one. A word in capitals keeps only the first. Of nothing but connectors the
/// last is doubled, an oddity of `xstrings`.
pub(super) fn to_pascal_case(text: &str) -> String {
    let mut result = String::new();
    let mut characters = text.chars();
    let mut current = loop {
        match characters.next() {
            None => {
                result.extend(result.chars().next_back());
                return result;
            }
            Some(character) if is_connector(character) => result.push(character),
            Some(character) => break character,
        }
    };
    let mut in_capitals = unicode::is_upper(current);
    current = unicode::to_upper(current);
    for next in characters {
        let previous = current;
        current = next;
        match (is_connector(previous), is_connector(current)) {
            (true, true) => result.push(previous),
            (true, false) => {
                in_capitals = unicode::is_upper(current);
                current = unicode::to_upper(current);
            }
            (false, _) => {
                if in_capitals {
                    if unicode::is_upper(current) {
                        current = unicode::to_lower(current);
                    } else {
                        in_capitals = false;
                    }
                }
                result.push(previous);
            }
        }
    }
    result.push(current);
    result
}

/// Names the kinds of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing is left.
    Invalid,
    Number,
    UpperCase,
    Alphabet,
    Connector,
    Punctuation,
    Other,
}

/// Returns the name in lower case with a connector between its words:
/// `foo_bar_2`.
pub(super) fn to_connected_case(text: &str, connector: char) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut words = Words { rest: &characters };
    let mut result = String::new();
    let (mut kind, mut word) = words.next();
    while !words.rest.is_empty() {
        if kind != Kind::Connector {
            push_lower(&mut result, kind, word, connector);
        }
        let (previous, last) = (kind, word);
        (kind, word) = words.next();
        match previous {
            Kind::Number => {
                while matches!(kind, Kind::Alphabet | Kind::Number) {
                    push_lower(&mut result, kind, word, connector);
                    (kind, word) = words.next();
                }
                if !matches!(kind, Kind::Invalid | Kind::Punctuation | Kind::Connector) {
                    result.push(connector);
                }
            }
            Kind::Connector => push_lower(&mut result, previous, last, connector),
            Kind::Punctuation => {}
            _ if kind != Kind::Number => {
                if !matches!(kind, Kind::Connector | Kind::Punctuation) {
                    result.push(connector);
                }
            }
            _ if words.rest.is_empty() => {}
            _ => {
                let number = word;
                (kind, word) = words.next();
                if kind != Kind::Alphabet {
                    push_lower(&mut result, Kind::Number, number, connector);
                    if !matches!(kind, Kind::Connector | Kind::Punctuation) {
                        result.push(connector);
                    }
                    continue;
                }
                result.push(connector);
                push_lower(&mut result, Kind::Number, number, connector);
                while matches!(kind, Kind::Alphabet | Kind::Number) {
                    push_lower(&mut result, kind, word, connector);
                    (kind, word) = words.next();
                }
                if !matches!(kind, Kind::Invalid | Kind::Connector | Kind::Punctuation) {
                    result.push(connector);
                }
            }
        }
    }
    push_lower(&mut result, kind, word, connector);
    result
}

fn push_lower(result: &mut String, kind: Kind, word: &[char], connector: char) {
    let lowers = matches!(kind, Kind::UpperCase | Kind::Connector);
    result.extend(word.iter().map(|character| match *character {
        character if !lowers => character,
        character if is_connector(character) => connector,
        character if unicode::is_upper(character) => unicode::to_lower(character),
        character => character,
    }));
}

/// Says whether `xstrings` takes the character for one of an alphabet: any
/// letter but the ideographs.
fn is_alphabet(character: char) -> bool {
    unicode::is_letter(character)
        && !matches!(character,
            '\u{4e00}'..='\u{9fcc}' | '\u{3400}'..='\u{4d85}' | '\u{20000}'..='\u{2b81d}')
}

struct Words<'a> {
    rest: &'a [char],
}

impl<'a> Words<'a> {
    fn next(&mut self) -> (Kind, &'a [char]) {
        let Some((first, rest)) = self.rest.split_first() else {
            return (Kind::Invalid, &[]);
        };
        let while_matching = |matches: &dyn Fn(char) -> bool| {
            1 + rest.iter().take_while(|character| matches(**character)).count()
        };
        let lower = |character: char| is_alphabet(character) && !unicode::is_upper(character);
        let (kind, length) = match *first {
            first if is_connector(first) => (Kind::Connector, while_matching(&is_connector)),
            first if unicode::is_punctuation(first) => {
                (Kind::Punctuation, while_matching(&unicode::is_punctuation))
            }
            first if unicode::is_upper(first) => {
                let second = rest.first().copied();
                let length = if second.is_some_and(unicode::is_upper) {
                    let capitals = while_matching(&unicode::is_upper);
                    // In `HTMLParser` the last capital belongs to the next word.
                    let next = rest.get(capitals - 1).copied();
                    if next.is_some_and(is_alphabet) { capitals - 1 } else { capitals }
                } else if second.is_some_and(is_alphabet) {
                    while_matching(&lower)
                } else {
                    1
                };
                (Kind::UpperCase, length)
            }
            first if is_alphabet(first) => (Kind::Alphabet, while_matching(&lower)),
            first if unicode::is_number(first) => {
                (Kind::Number, while_matching(&unicode::is_number))
            }
            _ => {
                let other = |character: char| {
                    !is_connector(character)
                        && !is_alphabet(character)
                        && !unicode::is_number(character)
                        && !unicode::is_punctuation(character)
                };
                (Kind::Other, while_matching(&other))
            }
        };
        let (word, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        (kind, word)
    }
}
