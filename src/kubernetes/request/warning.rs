//! The `Warning` header.

/// Returns the text of a `Warning` header such as `299 - "deprecated"`, see RFC 7234, section 5.5.
pub(super) fn read_warning(header: &str) -> String {
    let Some((_, quoted)) = header.split_once('"') else { return header.trim().to_owned() };
    let mut text = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => text.extend(characters.next()),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::read_warning;

    #[test]
    fn a_warning_loses_its_frame() {
        assert_eq!(
            read_warning(r#"299 - "would violate PodSecurity \"restricted:latest\": x""#),
            r#"would violate PodSecurity "restricted:latest": x"#
        );
        assert_eq!(read_warning("odd"), "odd");
    }
}
