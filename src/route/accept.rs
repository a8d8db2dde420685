//! The header `Accept`.

use crate::archive::Format;

/// The format that the header prefers (RFC 9110, section 12.5.1); `None` if it names none of ours,
/// or prefers any to it.
pub fn accepted(header: &str) -> Option<Format> {
    let mut best: (f32, Option<Format>) = (0.0, None);
    for range in header.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse);
        let format = Format::ALL.into_iter().find(|format| essence(*format) == name);
        // Any media type is answered with the default format.
        let is_any = ["*/*", "application/*"].contains(&&*name);
        let quality = quality.unwrap_or(0.0);
        if quality > best.0 && (format.is_some() || is_any) {
            best = (quality, format);
        }
    }
    best.1
}

/// The media type without parameters.
fn essence(format: Format) -> &'static str {
    format.media_type().split(';').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_format_is_chosen() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for (header, expected) in [
            ("", None),
            ("*/*", None),
            (browser, None),
            ("text/csv", Some(Format::Csv)),
            ("Text/CSV; header=present", Some(Format::Csv)),
            ("text/csv;q=0.5, application/geo+json", Some(Format::GeoJson)),
            ("text/csv;q=0.5, */*", None),
            ("text/csv, */*;q=0.1", Some(Format::Csv)),
            ("application/json, text/csv", Some(Format::Json)),
            ("application/vnd.msgpack", Some(Format::Msgpack)),
            ("application/vnd.overflight.frame", Some(Format::Frame)),
            ("text/csv;q=0", None),
            ("text/csv;q=x", None),
            ("image/png", None),
        ] {
            assert_eq!(accepted(header), expected, "{header}");
        }
    }
}
