//! The header `Range`, and the multipart answer to one that requests several parts.

/// The parts of a file that the header `Range` requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RangeRequest {
    /// Everything: the header is not supported, or asks for too much.
    Whole,
    /// These parts, in the order of the request; at least one.
    Parts(Vec<ByteRange>),
    /// Only parts that the file does not have.
    Unsatisfiable,
}

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    /// The first byte, from 0.
    pub first: u64,
    /// The last byte, included.
    pub last: u64,
}

/// The most parts of an answer, each of which is a read of its own. Readers of Parquet ask for one
/// part a column of a row group, and we have 19 columns.
const PARTS_MAX: usize = 32;

impl ByteRange {
    /// The number of bytes.
    pub fn length(self) -> u64 {
        self.last - self.first + 1
    }

    /// The header `Content-Range` for a file of this size.
    pub fn content_range(self, size: u64) -> String {
        format!("bytes {}-{}/{size}", self.first, self.last)
    }
}

/// Parses a `Range` header for a file of this size (RFC 9110, section 14).
///
/// An invalid header must be ignored. So is one with very many parts, or with parts that together
/// are larger than the file: section 14.2 warns of those.
pub fn byte_ranges(header: &str, size: u64) -> RangeRequest {
    let Some(specs) = header.trim().strip_prefix("bytes=") else { return RangeRequest::Whole };
    let specs: Option<Vec<_>> = specs.split(',').map(|spec| part(spec.trim(), size)).collect();
    let Some(specs) = specs else { return RangeRequest::Whole };
    let parts: Vec<_> = specs.into_iter().flatten().collect();
    let total = parts.iter().fold(0_u64, |sum, part| sum.saturating_add(part.length()));
    match parts.len() {
        0 => RangeRequest::Unsatisfiable,
        2.. if total > size => RangeRequest::Whole,
        1..=PARTS_MAX => RangeRequest::Parts(parts),
        _ => RangeRequest::Whole,
    }
}

/// The part of one specification; `Some(None)` if the file does not have it, `None` if the
/// specification is invalid.
fn part(spec: &str, size: u64) -> Option<Option<ByteRange>> {
    let (first, last) = spec.split_once('-')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // More digits than a u64 has are far beyond any file.
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let end = size.saturating_sub(1);
    let (first, last) = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => (first, last.min(end)),
        (Some(first), None) if last.is_empty() => (first, end),
        (None, Some(0)) if first.is_empty() => return Some(None),
        (None, Some(suffix)) if first.is_empty() => (size.saturating_sub(suffix), end),
        _ => return None,
    };
    Some((first < size).then_some(ByteRange { first, last }))
}

/// What stands before a part of a `multipart/byteranges` answer (RFC 9110, section 14.6).
pub fn part_head(boundary: &str, media_type: &str, part: ByteRange, size: u64) -> String {
    let range = part.content_range(size);
    format!("\r\n--{boundary}\r\nContent-Type: {media_type}\r\nContent-Range: {range}\r\n\r\n")
}

/// What stands behind the last part.
pub fn parts_end(boundary: &str) -> String {
    format!("\r\n--{boundary}--\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(ranges: &[(u64, u64)]) -> RangeRequest {
        let parts = ranges.iter().map(|&(first, last)| ByteRange { first, last });
        RangeRequest::Parts(parts.collect())
    }

    #[test]
    fn a_range_is_parts_the_whole_or_out_of_reach() {
        let many = |count: usize| format!("bytes={}", vec!["1-1"; count].join(","));
        for (header, expected) in [
            ("bytes=0-9", parts(&[(0, 9)])),
            ("bytes=90-", parts(&[(90, 99)])),
            ("bytes=90-1000", parts(&[(90, 99)])),
            ("bytes=-10", parts(&[(90, 99)])),
            ("bytes=-1000", parts(&[(0, 99)])),
            ("bytes=99-99", parts(&[(99, 99)])),
            ("bytes=0-1,5-6", parts(&[(0, 1), (5, 6)])),
            (" bytes=90- , 0-0, -1", parts(&[(90, 99), (0, 0), (99, 99)])),
            ("bytes=0-0,200-300", parts(&[(0, 0)])),
            ("bytes=0-99999999999999999999999", parts(&[(0, 99)])),
            ("bytes=100-", RangeRequest::Unsatisfiable),
            ("bytes=100-,200-300", RangeRequest::Unsatisfiable),
            ("bytes=-0", RangeRequest::Unsatisfiable),
            ("bytes=99999999999999999999999-", RangeRequest::Unsatisfiable),
            ("bytes=9-0", RangeRequest::Whole),
            ("bytes=0-1,x", RangeRequest::Whole),
            ("bytes=0-1,", RangeRequest::Whole),
            ("bytes=+1-2", RangeRequest::Whole),
            ("bytes=a-b", RangeRequest::Whole),
            ("lines=0-9", RangeRequest::Whole),
            ("bytes=-", RangeRequest::Whole),
            ("bytes=0-,0-", RangeRequest::Whole),
            (&many(32), parts(&[(1, 1); 32])),
            (&many(33), RangeRequest::Whole),
        ] {
            assert_eq!(byte_ranges(header, 100), expected, "{header}");
        }
        assert_eq!(byte_ranges("bytes=0-", 0), RangeRequest::Unsatisfiable);
    }

    #[test]
    fn a_part_has_its_place_and_its_type() {
        let part = ByteRange { first: 5, last: 6 };
        let head = part_head("x", "text/csv", part, 100);
        let expected = "\r\n--x\r\nContent-Type: text/csv\r\nContent-Range: bytes 5-6/100\r\n\r\n";
        assert_eq!((part.length(), &*head, &*parts_end("x")), (2, expected, "\r\n--x--\r\n"));
    }
}
