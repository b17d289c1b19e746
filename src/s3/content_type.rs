//! The `Content-Type` that an object gets when nobody says which.

use mime_guess::mime;

/// Returns the media type for a key, by the extension of its last segment.
///
/// Text types carry `charset=utf-8`: without it, browsers fall back to a legacy encoding, and files
/// written today are UTF-8. Formats that declare their encoding themselves (HTML and XML may, SVG
/// and JSON are UTF-8 by specification) are not harmed by it or do not get it. A key without a
/// known extension is `application/octet-stream`, which no browser tries to run.
pub fn guess(key: &str) -> String {
    let name = key.rsplit('/').next().unwrap_or(key);
    let mut guessed = mime_guess::from_path(name).first_or_octet_stream();
    // One table, two names for one type; RFC 9239 keeps the other one.
    if guessed == mime::APPLICATION_JAVASCRIPT {
        guessed = mime::TEXT_JAVASCRIPT;
    }
    let charset = guessed.type_() == mime::TEXT && guessed.get_param(mime::CHARSET).is_none();
    if charset { format!("{guessed}; charset=utf-8") } else { guessed.to_string() }
}

#[cfg(test)]
mod tests {
    use super::guess;

    #[test]
    fn the_extension_of_the_last_segment_decides() {
        for (key, expected) in [
            ("index.html", "text/html; charset=utf-8"),
            ("a/b/STYLE.CSS", "text/css; charset=utf-8"),
            ("app.js", "text/javascript; charset=utf-8"),
            ("app.mjs", "text/javascript; charset=utf-8"),
            ("notes.txt", "text/plain; charset=utf-8"),
            ("data.json", "application/json"),
            ("logo.svg", "image/svg+xml"),
            ("logo.png", "image/png"),
            ("photo.avif", "image/avif"),
            ("font.woff2", "font/woff2"),
            ("module.wasm", "application/wasm"),
            ("archive.tar.gz", "application/gzip"),
            ("site.css/raw", "application/octet-stream"),
            ("README", "application/octet-stream"),
            (".html", "application/octet-stream"),
            ("folder/", "application/octet-stream"),
        ] {
            assert_eq!(guess(key), expected, "{key}");
        }
    }
}
