//! Label selectors, see <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>.

use std::collections::BTreeMap;

/// Is a label selector: requirements that must all hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selector(Vec<Requirement>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Absent(String),
}

impl Selector {
    /// Reads a selector as kubectl does; nothing if it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut requirements = Vec::new();
        for part in split(text)? {
            requirements.push(Requirement::read(part.trim())?);
        }
        Some(Self(requirements))
    }

    /// Says whether labels fulfil every requirement.
    pub(super) fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|requirement| match requirement {
            Requirement::In(name, values) => {
                labels.get(name).is_some_and(|value| values.contains(value))
            }
            Requirement::NotIn(name, values) => {
                !labels.get(name).is_some_and(|value| values.contains(value))
            }
            Requirement::Exists(name) => labels.contains_key(name),
            Requirement::Absent(name) => !labels.contains_key(name),
        })
    }
}

/// Splits at the commas that are not in parentheses.
fn split(text: &str) -> Option<Vec<String>> {
    if text.trim().is_empty() {
        return Some(Vec::new());
    }
    let mut parts = vec![String::new()];
    let mut inside = false;
    for character in text.chars() {
        match character {
            '(' if inside => return None,
            ')' if !inside => return None,
            '(' => inside = true,
            ')' => inside = false,
            ',' if !inside => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut()?.push(character);
    }
    (!inside).then_some(parts)
}

impl Requirement {
    fn read(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_prefix('!') {
            return Some(Self::Absent(name_of(name)?));
        }
        if let Some((left, list)) = text.split_once('(') {
            let values: Vec<String> =
                list.strip_suffix(')')?.split(',').map(|value| value.trim().to_owned()).collect();
            let mut words = left.split_whitespace();
            let (name, operator) = (words.next()?, words.next()?);
            if words.next().is_some() {
                return None;
            }
            return match operator {
                "in" => Some(Self::In(name_of(name)?, values)),
                "notin" => Some(Self::NotIn(name_of(name)?, values)),
                _ => None,
            };
        }
        if let Some((name, value)) = text.split_once("!=") {
            return Some(Self::NotIn(name_of(name)?, vec![value_of(value)?]));
        }
        if let Some((name, value)) = text.split_once('=') {
            let value = value.strip_prefix('=').unwrap_or(value);
            return Some(Self::In(name_of(name)?, vec![value_of(value)?]));
        }
        Some(Self::Exists(name_of(text)?))
    }
}

fn name_of(text: &str) -> Option<String> {
    let text = text.trim();
    let allowed = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.' | '/');
    (!text.is_empty() && text.chars().all(allowed)).then(|| text.to_owned())
}

fn value_of(text: &str) -> Option<String> {
    let text = text.trim();
    let allowed = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.');
    text.chars().all(allowed).then(|| text.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;

    use super::Selector;

    #[test]
    fn selectors_are_read_as_kubectl_reads_them() {
        let labels: BTreeMap<String, String> = [("app", "web"), ("tier", "a")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        for (text, expected) in [
            ("app=web", true),
            ("app == web , tier", true),
            ("app!=web", false),
            ("none!=x", true),
            ("tier in (a,b),app notin (x)", true),
            ("tier in (b)", false),
            ("!none", true),
            ("!app", false),
            ("", true),
        ] {
            assert_eq!(Selector::read(text).unwrap().matches(&labels), expected, "{text}");
        }
        for text in
            ["a in b", "a in (b", "a)b(", ",", "a b", "a=b c", "=x", "a is (b)", "a in ((b))"]
        {
            assert_eq!(Selector::read(text), None, "{text}");
        }
    }
}
