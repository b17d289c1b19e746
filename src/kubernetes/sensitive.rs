//! Texts that must not be shown, and how they are taken out of what is.
//!
//! Container logs, events and the API server's answers quote what they like. All of
//! it passes through [`Sensitive::mask`] before it becomes part of an error text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;
use serde_json::Value;

mod forms;

/// What stands in the place of a sensitive text.
pub const MASK: &str = "(sensitive value)";

/// The shortest text that is masked wherever it occurs. A shorter one is masked only
/// as a word of its own: `on` inside `connection` is no secret.
const SHORTEST_INSIDE: usize = 4;

/// The shortest line of a text of many lines that is masked by itself.
const SHORTEST_LINE: usize = 8;

/// Is a set of texts that must not be shown.
#[derive(Clone, Default)]
pub struct Sensitive {
    /// Longest first, so that a text is masked before a part of it.
    words: Vec<String>,
}

impl std::fmt::Debug for Sensitive {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Sensitive({} texts)", self.words.len())
    }
}

impl Sensitive {
    /// Makes the set of these texts, what they look like quoted, in URLs and in base64,
    /// and of the lines of those that have several: logs are printed line by line.
    pub fn new(texts: impl IntoIterator<Item = String>) -> Self {
        let mut set = Self::default();
        set.extend(texts);
        set
    }

    /// Makes the set of all values in the Secrets among these objects. A value that
    /// also stands in an object that is no Secret is none: the chart shows it itself
    /// (the name of a Service, say).
    pub fn of_secrets<'a>(objects: impl IntoIterator<Item = &'a Map<String, Value>>) -> Self {
        let (secrets, others): (Vec<_>, Vec<_>) = objects
            .into_iter()
            .partition(|object| object.get("kind").and_then(Value::as_str) == Some("Secret"));
        let mut public = Vec::new();
        for object in others {
            object.values().for_each(|value| collect_texts(value, &mut public));
        }
        Self::new(
            secrets
                .into_iter()
                .flat_map(secret_values)
                .filter(|text| !public.iter().any(|known| known.contains(text.as_str()))),
        )
    }

    /// Adds texts to the set, as [`Sensitive::new`] does.
    pub fn extend(&mut self, texts: impl IntoIterator<Item = String>) {
        for text in texts {
            let text = text.trim_end_matches(['\n', '\r']);
            if text.is_empty() {
                continue;
            }
            if text.contains('\n') {
                let lines = text.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE);
                self.words.extend(lines.map(str::to_owned));
            }
            self.words.extend(forms::forms(text));
        }
        self.sort();
    }

    /// Adds another set.
    pub fn merge(&mut self, other: &Self) {
        self.words.extend(other.words.iter().cloned());
        self.sort();
    }

    fn sort(&mut self) {
        self.words.sort_unstable_by(|left, right| {
            right.len().cmp(&left.len()).then_with(|| left.cmp(right))
        });
        self.words.dedup();
    }

    /// Returns those of the texts that are in this one.
    pub fn found_in(&self, text: &str) -> Vec<String> {
        self.words.iter().filter(|word| mask_one(text, word) != text).cloned().collect()
    }

    /// Returns the text with every sensitive one in it replaced by [`MASK`].
    pub fn mask(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for word in &self.words {
            if masked.contains(word.as_str()) {
                masked = mask_one(&masked, word);
            }
        }
        masked
    }
}

fn mask_one(text: &str, word: &str) -> String {
    if word.len() >= SHORTEST_INSIDE { text.replace(word, MASK) } else { mask_word(text, word) }
}

/// Replaces the word where no letter or digit stands at either side of it.
fn mask_word(text: &str, word: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(word) {
        let is_apart = !masked_end(&masked, before).is_some_and(char::is_alphanumeric)
            && !after.chars().next().is_some_and(char::is_alphanumeric);
        masked.push_str(before);
        masked.push_str(if is_apart { MASK } else { word });
        rest = after;
    }
    masked.push_str(rest);
    masked
}

/// Returns the last character before the place that is looked at.
fn masked_end(masked: &str, before: &str) -> Option<char> {
    before.chars().next_back().or_else(|| masked.chars().next_back())
}

fn secret_values(object: &Map<String, Value>) -> Vec<String> {
    let texts = |field: &str| {
        object.get(field).and_then(Value::as_object).into_iter().flat_map(|entries| {
            entries.values().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        })
    };
    let decoded = texts("data").filter_map(|text| {
        let compact: String = text.split_ascii_whitespace().collect();
        String::from_utf8(STANDARD.decode(compact).ok()?).ok()
    });
    decoded.chain(texts("stringData")).collect()
}

fn collect_texts(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(entries) => entries.iter().for_each(|(key, item)| {
            texts.push(key.clone());
            collect_texts(item, texts);
        }),
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mask(words: &[&str], text: &str) -> String {
        Sensitive::new(words.iter().map(|word| (*word).to_owned())).mask(text)
    }

    #[test]
    fn texts_are_masked_longest_first() {
        assert_eq!(mask(&["pass", "password1"], "a=password1 pass"), format!("a={MASK} {MASK}"));
        assert_eq!(mask(&[], "text"), "text");
        assert_eq!(mask(&["", "\n"], "text"), "text");
    }

    #[test]
    fn short_texts_are_masked_as_words_only() {
        assert_eq!(mask(&["on"], "connection on"), format!("connection {MASK}"));
        assert_eq!(mask(&["1"], "1 of 11, x=1"), format!("{MASK} of 11, x={MASK}"));
        assert_eq!(mask(&["aa"], "aaa aa"), format!("aaa {MASK}"));
    }

    #[test]
    fn base64_and_single_lines_are_masked() {
        assert_eq!(mask(&["hunter2!"], "x aHVudGVyMiE= y"), format!("x {MASK} y"));
        let text = mask(&["first line\nsecond line\nx\n"], "got: second line, x");
        assert_eq!(text, format!("got: {MASK}, x"));
    }

    #[test]
    fn values_of_secrets_are_found_unless_the_chart_shows_them() {
        let objects = [
            json!({ "kind": "Secret", "data": { "a": "c2VjcmV0LXBhc3N3b3Jk", "b": "//8=" },
                "stringData": { "endpoint": "site-minio", "other": "plain-secret" } }),
            json!({ "kind": "Service", "metadata": { "name": "site-minio" } }),
        ];
        let sensitive =
            Sensitive::of_secrets(objects.iter().map(|object| object.as_object().unwrap()));
        let text = sensitive.mask("site-minio: secret-password plain-secret");
        assert_eq!(text, format!("site-minio: {MASK} {MASK}"));
        assert!(!format!("{sensitive:?}").contains("plain"));
    }
}
