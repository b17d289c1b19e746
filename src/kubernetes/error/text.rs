//! Takes values out of the API server's texts, which quote what was sent.

use crate::kubernetes::reference::ObjectReference;

/// Says whether the server's texts about this object may quote secret values.
///
/// A Job or Pod is quoted with its whole template, environment included.
pub(crate) fn shows_values(object: &ObjectReference) -> bool {
    object.kind.is("", "Secret") || object.kind.is("batch", "Job") || object.kind.is("", "Pod")
}

/// Returns the text without the values that it quotes, keeping what is wrong with them.
///
/// `spec.template: Invalid value: core.PodTemplateSpec{...}: field is immutable` becomes
/// `spec.template: Invalid value: (not shown): field is immutable`. Everything after the first
/// line is dropped: there the server prints the difference of two specifications.
pub(crate) fn cut_values(text: &str) -> String {
    let first_line = text.lines().next().unwrap_or_default();
    let mut out = String::new();
    let mut rest = first_line;
    while let Some((before, label, after)) = split_label(rest) {
        out.push_str(before);
        out.push_str(label);
        out.push_str("(not shown)");
        rest = skip_value(after);
    }
    out.push_str(rest);
    out
}

/// Returns the text without the server's own notation for the value that it got.
///
/// `expected string, got &value.valueUnstructured{Value:1}` becomes `expected string, got 1`.
pub(super) fn without_notation(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("&value.valueUnstructured{Value:") {
        out.push_str(before);
        let (value, after) = after.rsplit_once('}').unwrap_or((after, ""));
        out.push_str(value);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Splits at the earliest place where the server begins to quote a value.
fn split_label(text: &str) -> Option<(&str, &'static str, &str)> {
    const LABELS: [&str; 5] = [
        "Invalid value: ",
        "Duplicate value: ",
        "Unsupported value: ",
        "expected string, got ",
        "quantities must match",
    ];
    LABELS
        .iter()
        .filter_map(|label| text.split_once(label).map(|(before, after)| (before, *label, after)))
        .min_by_key(|(before, _, _)| before.len())
}

/// Returns what stands behind a quoted value: the server's reason.
fn skip_value(text: &str) -> &str {
    if let Some(quoted) = text.strip_prefix('"') {
        let mut escaped = false;
        for (at, character) in quoted.char_indices() {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return quoted.get(at + 1..).unwrap_or_default(),
                _ => {}
            }
        }
        return "";
    }
    // Go prints structures without escaping, so only the text behind the last colon is sure
    // to be the reason; several findings in one line lose all but the last reason.
    text.rfind(": ").and_then(|at| text.get(at..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::cut_values;
    use super::without_notation;

    #[test]
    fn the_server_s_notation_is_dropped() {
        assert_eq!(
            without_notation(".a: expected string, got &value.valueUnstructured{Value:1}"),
            ".a: expected string, got 1"
        );
        assert_eq!(without_notation("plain"), "plain");
        assert_eq!(without_notation("x &value.valueUnstructured{Value:1"), "x 1");
    }

    #[test]
    fn a_quoted_text_is_cut_and_the_reason_stays() {
        assert_eq!(
            cut_values(
                r#"Secret "s" is invalid: type: Invalid value: "a\"b: c": field is immutable"#
            ),
            r#"Secret "s" is invalid: type: Invalid value: (not shown): field is immutable"#
        );
    }

    #[test]
    fn a_printed_structure_is_cut() {
        assert_eq!(
            cut_values(
                "spec.template: Invalid value: core.PodTemplateSpec{A:\"x: y\"}: field is immutable"
            ),
            "spec.template: Invalid value: (not shown): field is immutable"
        );
    }

    #[test]
    fn a_typed_patch_error_does_not_show_what_it_got() {
        assert_eq!(
            cut_values(".data.a: expected string, got &value.valueUnstructured{Value:12345}"),
            ".data.a: expected string, got (not shown)"
        );
    }

    #[test]
    fn differences_on_further_lines_are_dropped() {
        assert_eq!(
            cut_values("spec: Forbidden: immutable\n  core.X{ secret }"),
            "spec: Forbidden: immutable"
        );
    }

    #[test]
    fn an_open_quote_drops_the_rest() {
        assert_eq!(cut_values("x: Invalid value: \"abc"), "x: Invalid value: (not shown)");
    }
}
