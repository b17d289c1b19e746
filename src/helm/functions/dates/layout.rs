//! Go's layouts, which show how a reference time would be written:
//! `Mon Jan 2 15:04:05 MST 2006`.

/// Is a part of a layout that stands for a part of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    LongMonth,
    ShortMonth,
    Month {
        padded: bool,
    },
    LongWeekday,
    ShortWeekday,
    Day {
        padding: Option<char>,
    },
    DayOfYear {
        padding: char,
    },
    Hour,
    Hour12 {
        padded: bool,
    },
    Minute {
        padded: bool,
    },
    Second {
        padded: bool,
    },
    LongYear,
    ShortYear,
    /// `PM` or `pm`
    HalfOfDay {
        upper: bool,
    },
    ZoneName,
    /// `-07`, `-0700`, `-07:00`, `-07:00:00`, with `Z` for UTC if it begins so.
    /// `parts` of hours, minutes and seconds are written.
    Offset {
        z: bool,
        colon: bool,
        parts: usize,
    },
    /// `.000` or `.999`: digits after the seconds, the latter without zeros.
    Fraction {
        separator: char,
        digits: usize,
        trimmed: bool,
    },
}

/// The elements that are fixed texts, longer ones before their beginnings.
const FIXED: &[(&str, Element)] = &[
    ("January", Element::LongMonth),
    ("Jan", Element::ShortMonth),
    ("Monday", Element::LongWeekday),
    ("Mon", Element::ShortWeekday),
    ("MST", Element::ZoneName),
    ("002", Element::DayOfYear { padding: '0' }),
    ("01", Element::Month { padded: true }),
    ("02", Element::Day { padding: Some('0') }),
    ("03", Element::Hour12 { padded: true }),
    ("04", Element::Minute { padded: true }),
    ("05", Element::Second { padded: true }),
    ("06", Element::ShortYear),
    ("15", Element::Hour),
    ("1", Element::Month { padded: false }),
    ("2006", Element::LongYear),
    ("2", Element::Day { padding: None }),
    ("__2", Element::DayOfYear { padding: ' ' }),
    ("_2", Element::Day { padding: Some(' ') }),
    ("3", Element::Hour12 { padded: false }),
    ("4", Element::Minute { padded: false }),
    ("5", Element::Second { padded: false }),
    ("PM", Element::HalfOfDay { upper: true }),
    ("pm", Element::HalfOfDay { upper: false }),
    ("-070000", Element::Offset { z: false, colon: false, parts: 3 }),
    ("-07:00:00", Element::Offset { z: false, colon: true, parts: 3 }),
    ("-0700", Element::Offset { z: false, colon: false, parts: 2 }),
    ("-07:00", Element::Offset { z: false, colon: true, parts: 2 }),
    ("-07", Element::Offset { z: false, colon: false, parts: 1 }),
    ("Z070000", Element::Offset { z: true, colon: false, parts: 3 }),
    ("Z07:00:00", Element::Offset { z: true, colon: true, parts: 3 }),
    ("Z0700", Element::Offset { z: true, colon: false, parts: 2 }),
    ("Z07:00", Element::Offset { z: true, colon: true, parts: 2 }),
    ("Z07", Element::Offset { z: true, colon: false, parts: 1 }),
];

/// Is a piece of a layout: text, or an element with its spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Element(Element, &'a str),
}

/// Takes a layout apart.
pub(super) fn pieces(layout: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut begin, mut place) = (0, 0);
    while place < layout.len() {
        let rest = layout.get(place..).unwrap_or_default();
        let Some((element, length)) = element(rest) else {
            place += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        if begin < place {
            pieces.push(Piece::Text(layout.get(begin..place).unwrap_or_default()));
        }
        pieces.push(Piece::Element(element, rest.get(..length).unwrap_or_default()));
        place += length;
        begin = place;
    }
    if begin < layout.len() {
        pieces.push(Piece::Text(layout.get(begin..).unwrap_or_default()));
    }
    pieces
}

/// Returns the element at the beginning of the text, and its length.
fn element(text: &str) -> Option<(Element, usize)> {
    // `_2006` is an underscore and a year.
    if text.starts_with("_2006") {
        return None;
    }
    let fixed = FIXED.iter().find(|(spelling, _)| text.starts_with(spelling));
    if let Some((spelling, element)) = fixed {
        // A longer word, as in `Janet` or `Month`, is no name.
        let rest = text.get(spelling.len()..).unwrap_or_default();
        let in_word = matches!(element, Element::ShortMonth | Element::ShortWeekday)
            && rest.starts_with(|next: char| next.is_ascii_lowercase());
        if !in_word {
            return Some((*element, spelling.len()));
        }
        return None;
    }
    let mut characters = text.chars();
    let separator = characters.next().filter(|first| matches!(first, '.' | ','))?;
    let digit = characters.next().filter(|digit| matches!(digit, '0' | '9'))?;
    let rest = text.get(1..).unwrap_or_default();
    let digits = rest.len() - rest.trim_start_matches(digit).len();
    // More digits after the zeros or nines: no fraction.
    if rest.get(digits..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        return None;
    }
    Some((Element::Fraction { separator, digits, trimmed: digit == '9' }, digits + 1))
}
